"""Whole reports beside this module, each with what it has to be read as in ``expected.tsv``.

A row is a file, a kind, a reason and a recipient; ``a|b`` allows either, ``*`` allows any reason.
A file may hold an mbox or line ends of its own, so that it is read as an operator's file is.
"""

from collections import Counter
from pathlib import Path

import pytest

from mailer.receipts.bounces import Report
from mailer.receipts.bounces.reading import read_mail
from mailer.receipts.incoming.mbox import messages_in

CASES = Path(__file__).with_name("cases")
ROWS = [
    tuple(line.split("\t")) for line in (CASES / "expected.tsv").read_text("utf-8").splitlines()[1:]
]


def reports_in(name: str) -> list[Report]:
    messages = messages_in((CASES / name).open("rb"))
    return [report for message in messages for report in read_mail(message, "")]


@pytest.mark.parametrize(("name", "kind", "reason", "recipient"), ROWS)
def test_a_report_is_read_as_it_was_meant(
    name: str, kind: str, reason: str, recipient: str
) -> None:
    about = [r for r in reports_in(name) if r.recipient.lower() == recipient.lower()]

    assert len(about) == 1, [(r.kind, r.reason, r.recipient) for r in reports_in(name)]
    assert about[0].kind in kind.split("|"), about[0]
    assert reason == "*" or about[0].reason in reason.split("|"), about[0]


@pytest.mark.parametrize(("name", "people"), Counter(row[0] for row in ROWS).items())
def test_nobody_is_reported_on_whom_a_report_does_not_name(name: str, people: int) -> None:
    assert len(reports_in(name)) == people


def test_every_report_of_the_folder_is_expected_to_say_something() -> None:
    assert {path.name for path in CASES.glob("*.eml")} == {row[0] for row in ROWS}
