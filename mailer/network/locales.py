"""The languages and time zones that a network can choose from."""

from collections.abc import Mapping, Sequence
from functools import cache
from zoneinfo import available_timezones

from mailer.authoring.text import languages
from mailer.authoring.text.languages import ENGLISH, locale_of
from mailer.clock import UK


@cache
def language_names() -> Mapping[str, str]:
    """The languages that an issue can be in, by their tags (RFC 5646): each in its own words."""
    return {
        tag: english
        if tag == ENGLISH
        else f"{(locale_of(tag).get_display_name(tag) or tag).capitalize()} ({english})"
        for tag, english in languages.LANGUAGES.items()
    }


@cache
def time_zones() -> Sequence[str]:
    """The zones to choose from: those named for a place, and UTC."""
    places = (zone for zone in available_timezones() if "/" in zone and zone[:4] != "Etc/")
    return (UK, "UTC", *sorted(set(places) - {UK}))
