"""The link that only machines find: off unless it is asked for, and in counted copies alone."""

import pytest

from mailer.composition.parts import UNSEEN_LINK
from tests.mailer.composition.letters import alice, composed, letter
from tests.mailer.composition.reading import html_of


@pytest.mark.parametrize(
    ("wanted", "counted", "there"), [(True, True, 1), (True, False, 0), (False, True, 0)]
)
def test_it_is_in_counted_copies_where_it_is_wanted(
    wanted: bool, counted: bool, there: int
) -> None:
    html = html_of(composed(letter(unseen_link=wanted), alice(counted=counted)).content)

    assert html.count(f'/{UNSEEN_LINK}"') == there
    if there:
        link = html.partition(f'/{UNSEEN_LINK}"')[0].rpartition("<a ")[2]
        assert 'aria-hidden="true"' in link
        assert 'tabindex="-1"' in link
        assert "display:none" in link
