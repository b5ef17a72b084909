"""The languages and time zones that a network can choose from."""

from collections.abc import Sequence
from functools import cache
from typing import Final
from zoneinfo import available_timezones

from mailer.clock import UK

# Languages that networks of councils write in, by their tags (RFC 5646).
LANGUAGES: Final = {
    "en-GB": "English",
    "cy": "Cymraeg (Welsh)",
    "gd": "Gàidhlig (Scottish Gaelic)",
    "ga": "Gaeilge (Irish)",
    "ar": "العربية (Arabic)",
    "bn": "বাংলা (Bengali)",
    "de": "Deutsch (German)",
    "es": "Español (Spanish)",
    "fr": "Français (French)",
    "pl": "Polski (Polish)",
    "pt": "Português (Portuguese)",
    "ro": "Română (Romanian)",
    "so": "Soomaali (Somali)",
    "ur": "اردو (Urdu)",
}


@cache
def time_zones() -> Sequence[str]:
    """The zones to choose from: those named for a place, and UTC."""
    places = (zone for zone in available_timezones() if "/" in zone and zone[:4] != "Etc/")
    return (UK, "UTC", *sorted(set(places) - {UK}))
