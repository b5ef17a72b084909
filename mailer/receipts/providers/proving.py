"""Checks that a request is the provider's, as all providers need them."""

from base64 import b64decode
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Final

from mailer.receipts.providers.model import Forged

# The longest any provider keeps trying is a day (SendGrid), and whether a retry is signed anew is
# not documented: a shorter time would lose the bounces of an outage. An event reported twice does
# no harm, since it keeps its id.
FRESH: Final = timedelta(hours=25)
_AHEAD: Final = timedelta(minutes=15)  # how far a provider's clock may be before ours
_LONGEST: Final = 4096


def header(headers: Mapping[str, str], name: str) -> str:
    """A header field of the request, whatever the case of its name; "" when absent."""
    found = (value for given, value in headers.items() if given.lower() == name)
    return next(found, "")


def octets(text: str) -> bytes:
    """The text as UTF-8, even when it could not have come from any."""
    return text.encode("utf-8", "surrogatepass")


def same(one: str, other: str) -> bool:
    """Whether two texts are equal, in constant time."""
    return compare_digest(octets(one), octets(other))


def same_as_any(one: str, others: Iterable[str]) -> bool:
    """The same for several, all of them compared: the time does not reveal which one was right."""
    return sum(same(one, other) for other in others) > 0


def from_base64(text: str) -> bytes:
    """The octets in a base64 text; Forged when it is not base64."""
    try:
        return b64decode(octets(text), validate=True)
    except ValueError as error:
        raise Forged("What should be base64 is not.") from error


def check_fresh(at: datetime, *, now: datetime, most: timedelta = FRESH) -> None:
    """Forged unless ``at`` is at most ``most`` ago, and at most 15 minutes in the future."""
    if not now - most <= at <= now + _AHEAD:
        raise Forged("The request is too old, or its clock is wrong.")


def check_seconds(text: str, *, now: datetime, most: timedelta = FRESH) -> None:
    """The same for seconds since 1970 as a text."""
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise Forged("The request does not say when it was signed.")
    age = now.timestamp() - int(text)
    if not -_AHEAD.total_seconds() <= age <= most.total_seconds():
        raise Forged("The request is too old, or its clock is wrong.")


def check_secret(headers: Mapping[str, str], secrets: Collection[str]) -> None:
    """Forged unless the request knows one of the secrets.

    For providers that sign nothing. A secret is ``user:password`` for basic authentication or a
    token for ``Authorization: Bearer``; several, so that one can be replaced without a gap.
    """
    scheme, _, given = header(headers, "authorization").partition(" ")
    given = given.strip()
    if len(given) > _LONGEST:
        raise Forged("The request does not know the secret.")
    if scheme.lower() == "basic":
        given = from_base64(given).decode("utf-8", "replace")
    elif scheme.lower() != "bearer":
        given = ""
    if not same_as_any(given, filter(None, secrets)):
        raise Forged("The request does not know the secret.")
