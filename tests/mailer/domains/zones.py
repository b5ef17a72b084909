"""An invented network's DNS, in order; tests change what they are about."""

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Final

from mailer.domains.answers import IpAddress
from mailer.domains.checking import Check, Sender, check
from mailer.domains.findings import Finding, Record
from mailer.domains.published_keys import OurKey
from mailer.domains.routes import Route
from tests.fakes.resolver import FakeResolver, Zone

DOMAIN: Final = "network.example"
RELAY: Final = "198.51.100.7"
RSA: Final = "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"
ED25519: Final = "v=DKIM1; k=ed25519; p=Ms0t8cm8lGtBdXfnUT8ny+RYZTr6vGcg0FVdAHhu0wI="
_NAMES: Final = (f"r._domainkey.{DOMAIN}", f"e._domainkey.{DOMAIN}")


def address(text: str) -> IpAddress:
    return ip_address(text)


def keys(*, signs: bool = True) -> tuple[OurKey, ...]:
    """Our two keys, as they are to be published."""
    return (
        OurKey(Record(_NAMES[0], RSA), signs=signs),
        OurKey(Record(_NAMES[1], ED25519), signs=signs),
    )


def in_order(**changes: object) -> dict[str, object]:
    """The zone in which nothing is to be fixed; ``name=None`` takes a name out of it."""
    zone: dict[str, object] = {
        DOMAIN: {"TXT": [f"v=spf1 ip4:{RELAY} mx -all", "other=x"], "MX": [f"10 mx.{DOMAIN}"]},
        f"mx.{DOMAIN}": {"A": ["192.0.2.25"]},
        f"_dmarc.{DOMAIN}": {"TXT": ["v=DMARC1; p=reject; rua=mailto:dmarc@network.example"]},
        _NAMES[0]: {"TXT": [RSA]},
        _NAMES[1]: {"TXT": [ED25519]},
        RELAY: {"PTR": [f"out.{DOMAIN}"]},
        f"out.{DOMAIN}": {"A": [RELAY]},
    }
    return zone | changes


def a_sender(**changes: object) -> Sender:
    relays = changes.pop("relays", (RELAY,))
    assert isinstance(relays, tuple)
    values: dict[str, object] = {
        "domain": DOMAIN,
        "return_domain": DOMAIN,
        "keys": keys(),
        "routes": tuple(map(Route, relays)),
    }
    return Sender(**{**values, **changes})  # type: ignore[arg-type]  # values of a test


def resolver(zone: object) -> FakeResolver:
    assert isinstance(zone, dict)
    return FakeResolver({name: records for name, records in zone.items() if records is not None})


def checked(zone: Zone | dict[str, object], **sender: object) -> Check:
    return check(resolver(zone), a_sender(**sender))


def about(findings: Sequence[Finding], topic: str) -> list[Finding]:
    return [finding for finding in findings if finding.about == topic]
