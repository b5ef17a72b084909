"""Words of an earlier issue for a new one."""

from datetime import UTC, datetime

from mailer.campaigns.starting.copying import copied_words


def test_a_copy_is_of_the_library_no_more() -> None:
    document = {
        "version": 1,
        "blocks": [
            {"id": "one", "type": "story", "headline": "Our wood", "text": "T", "source": "7.1"},
            {
                "id": "two",
                "type": "event_list",
                "heading": "Coming up",
                "events": [{"title": "Fair", "start": "2027-01-12", "source": "8.2"}],
            },
        ],
    }

    copied = copied_words(document, there=datetime(2026, 12, 8, tzinfo=UTC)).document

    assert [each["id"] for each in copied["blocks"]] == ["one", "two"]
    assert "source" not in str(copied)
