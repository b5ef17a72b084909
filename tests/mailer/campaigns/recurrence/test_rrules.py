"""Rules as text: what is read, and what is refused with a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.campaigns.recurrence import rrules
from mailer.campaigns.recurrence.rules import DayOfMonth, NthWeekday, Rule, Weekly, WorkingDay
from mailer.errors import NotAllowed


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("FREQ=MONTHLY;BYDAY=2TU", NthWeekday(2, 1)),
        ("RRULE:FREQ=MONTHLY;BYDAY=2TU;", NthWeekday(2, 1)),
        ("freq=monthly;byday=-1fr;interval=3", NthWeekday(-1, 4, 3)),
        ("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=2", NthWeekday(2, 1)),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", DayOfMonth(-1)),
        ("FREQ=MONTHLY;BYMONTHDAY=31", DayOfMonth(31)),
        ("RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD;BYMONTHDAY=30", DayOfMonth(30)),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", WorkingDay(-1)),
        ("FREQ=MONTHLY;BYDAY=FR,TH,WE,TU,MO;BYSETPOS=1;INTERVAL=2", WorkingDay(1, 2)),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;WKST=MO", Weekly(1, 2)),
    ],
)
def test_what_newsletters_come_round_by_is_read(text: str, rule: Rule) -> None:
    assert rrules.parse(text) == rule


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "Write a rule."),
        ("soon", "no part of a rule"),
        ("FREQ=", "no part of a rule"),
        ("FREQ=DAILY", "FREQ=MONTHLY or FREQ=WEEKLY"),
        ("BYDAY=2TU", "FREQ=MONTHLY or FREQ=WEEKLY"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "BYMONTH can't be in the rule"),
        ("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30", "BYMONTH can't be in the rule"),
        ("FREQ=MONTHLY", "on which day of the month"),
        ("FREQ=MONTHLY;BYDAY=5TU", "not every month has others"),
        ("FREQ=MONTHLY;BYDAY=-2TU", "not every month has others"),
        ("FREQ=MONTHLY;BYDAY=0TU", "such as 2TU"),
        ("FREQ=MONTHLY;BYDAY=TU", "FREQ=WEEKLY;BYDAY=TU"),
        ("FREQ=MONTHLY;BYDAY=2TU,4TU", "one weekday"),
        ("FREQ=MONTHLY;BYDAY=2TU;BYSETPOS=2", "once"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR", "BYSETPOS=1"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=40", "BYSETPOS=1"),
        ("FREQ=MONTHLY;BYDAY=2TU;BYMONTHDAY=13", "not both"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "from 1 to 31"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "from 1 to 31"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", "one whole number"),
        ("FREQ=MONTHLY;BYMONTHDAY=30;SKIP=OMIT", "SKIP can only be BACKWARD"),
        ("FREQ=MONTHLY;BYMONTHDAY=1;BYSETPOS=1", "with BYDAY only"),
        ("FREQ=MONTHLY;INTERVAL=0;BYDAY=2TU", "from 1 to 12 months"),
        ("FREQ=MONTHLY;INTERVAL=13;BYDAY=2TU", "from 1 to 12 months"),
        ("FREQ=MONTHLY;INTERVAL=9999999999;BYDAY=2TU", "one whole number"),
        ("FREQ=WEEKLY;INTERVAL=27;BYDAY=TU", "from 1 to 26 weeks"),
        ("FREQ=WEEKLY", "names one weekday"),
        ("FREQ=WEEKLY;BYDAY=MO,TH", "names one weekday"),
        ("FREQ=WEEKLY;BYDAY=2TU", "names one weekday"),
        ("FREQ=WEEKLY;BYDAY=TU;COUNT=3", "COUNT can't be in the rule"),
        ("FREQ=WEEKLY;BYDAY=TU;UNTIL=20200101T000000Z", "UNTIL can't be in the rule"),
        ("FREQ=WEEKLY;FREQ=WEEKLY;BYDAY=TU", "there twice"),
        ("FREQ=WEEKLY;BYDAY=TU" + ";" * 300, "Write a rule."),
    ],
)
def test_anything_else_is_refused_with_a_sentence(text: str, part: str) -> None:
    with pytest.raises(NotAllowed) as refusal:
        rrules.parse(text)

    assert part in str(refusal.value)
    assert str(refusal.value).endswith(".")


_WORDS = st.sampled_from(
    "FREQ= INTERVAL= BYDAY= BYSETPOS= MONTHLY WEEKLY ; , 2TU MO -1 31 ² ١ \x00".split(" ")
)


@given(st.one_of(st.text(max_size=60), st.lists(_WORDS, max_size=12).map("".join)))
def test_whatever_is_typed_is_a_rule_or_a_sentence(text: str) -> None:
    try:
        rule = rrules.parse(text)
    except NotAllowed:
        return
    assert rrules.parse(rrules.write(rule)) == rule
