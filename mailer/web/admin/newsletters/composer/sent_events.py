"""Events that are pasted as a list, or sent as a calendar file, beside the rows of a form."""

from typing import Any

from mailer.authoring.calendar_events import MOST_BYTES, UnreadableCalendar, from_calendar
from mailer.authoring.listed_events import from_lines
from mailer.web import forms
from mailer.web.network import local_now

_FILE = "events-calendar"


def take_events(values: dict[str, Any], lines: str) -> tuple[str, ...]:
    """Put the events that were pasted or sent below those of the form; what was not understood."""
    now = local_now()
    listed = from_lines(lines, today=now.date())
    events, left = list(listed.events), list(listed.left)
    file, called = forms.upload(_FILE)
    if file is not None:
        try:
            found = from_calendar(file.stream.read(MOST_BYTES + 1), now=now)
        except UnreadableCalendar as refusal:
            left.append(f"{called}: {refusal}")
        else:
            events += found.events
            left += found.left
    values["events"] = [*values.get("events", []), *events]
    return tuple(left)
