"""Delivery status reports (RFC 3464; RFC 6533 for addresses outside ASCII): one group a recipient.

Systems write them loosely: groups without a blank line between, continuation lines without an
indent, no group about the message, a recipient only in ``Original-Recipient``. All are read.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from mailer.receipts.bounces.parts.addresses import bare

_MOST_GROUPS: Final = 50
_MOST_LINES: Final = 5000
_LONGEST_VALUE: Final = 2000
_FIELD: Final = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,50})[ \t]*:(.*)")
_CONTINUES: Final = re.compile(r"[ \t]")
_RECIPIENTS: Final = ("original-recipient", "final-recipient", "x-actual-recipient")
_ABOUT_A_RECIPIENT: Final = frozenset({*_RECIPIENTS, "action", "status", "diagnostic-code"})
# Of the fields of a group only these appear twice when two groups have run together.
_BEGINS_A_GROUP: Final = frozenset({"original-recipient", "final-recipient", "action"})


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """The fields of one group, in lower case, the first of each name; empty when not given."""

    fields: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")

    @property
    def recipient(self) -> str:
        """The address that was written to: the original one where it is given.

        ``Final-Recipient`` may be where the mail was forwarded to, and ``X-Actual-Recipient`` is
        what an alias became, so each is used only when the one before is missing.
        """
        return next((address for name in _RECIPIENTS if (address := bare(self[name]))), "")

    @property
    def diagnostic(self) -> str:
        """The text of the remote system without its type (``smtp;``, ``x-unix;``)."""
        kind, separator, text = self["diagnostic-code"].partition(";")
        if text.strip().isdigit() and kind.lower().startswith(
            "x-"
        ):  # the exit status of a program: its type is all it says
            return self["diagnostic-code"]
        if separator and len(kind) < 30 and " " not in kind.strip():
            return text.strip()
        return self["diagnostic-code"]


@dataclass(frozen=True, slots=True)
class StatusReport:
    """A whole report: the group about the message, and those about recipients."""

    message: FieldGroup
    recipients: tuple[FieldGroup, ...]


def delivery_status(text: str) -> StatusReport:
    """Read the text of a ``message/delivery-status`` part."""
    message: dict[str, str] = {}
    recipients: list[dict[str, str]] = []
    for group in _groups(text):
        if _ABOUT_A_RECIPIENT.isdisjoint(group):
            message = {**group, **message}
        elif recipients and _belongs_to_the_last(group, recipients[-1]):
            recipients[-1] = {**group, **recipients[-1]}
        else:
            recipients.append(group)
    return StatusReport(FieldGroup(message), tuple(map(FieldGroup, recipients[:_MOST_GROUPS])))


def _belongs_to_the_last(group: dict[str, str], last: dict[str, str]) -> bool:
    """Whether a stray blank line has cut one group in two."""
    return not any(name in group for name in _RECIPIENTS) and not (group.keys() & last.keys())


def _groups(text: str) -> list[dict[str, str]]:
    groups: list[dict[str, str]] = [{}]
    name = ""
    for line in text.split("\n", _MOST_LINES)[:_MOST_LINES]:
        if not line.strip():
            if groups[-1]:
                groups.append({})
            name = ""
        elif (found := _FIELD.match(line)) and not _CONTINUES.match(line):
            name = found[1].lower()
            if name in groups[-1] and name in _BEGINS_A_GROUP:
                groups.append({})
            groups[-1].setdefault(name, found[2].strip()[:_LONGEST_VALUE])
        elif name and len(groups[-1][name]) < _LONGEST_VALUE:
            groups[-1][name] = f"{groups[-1][name]} {line.strip()}"[:_LONGEST_VALUE].strip()
    return [group for group in groups if group]
