"""What an admin sets of a relay: as typed, what is wrong with it, and as its row keeps it."""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Final

from mailer.composition.mime.headers import ascii_domain
from mailer.errors import Refused
from mailer.models import Relay
from mailer.settings.hosts import is_loopback
from mailer.settings.relay_address import TlsMode

CONNECTIONS: Final = 250  # at most, unless it is set; usually far fewer are opened
MOST_CONNECTIONS: Final = 500
SLOWEST: Final = 0.05  # messages a second; a limit by the hour says less
FASTEST: Final = 10_000.0  # no relay takes more
_LONGEST_NAME: Final = 80
_LONGEST_SECRET: Final = 500  # characters; with more, a response to AUTH would not fit a line
MOST: Final = 2_000_000_000
_HOST: Final = re.compile(r"(?=.{1,253}\Z)([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)(\.[a-z0-9_-]+)*\.?")
_THOUSANDS: Final = re.compile(r"\d{1,3}(,\d{3})+")
_SPEED: Final = re.compile(r"\d{1,7}(\.\d{1,6})?")
_NO_SPEED: Final = "Write a speed above 0 in messages a second, like 50 or 0.5, or nothing at all."

Problems = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class RelayDetails:
    """A relay as typed. An empty password keeps the one there is; no user means no password."""

    name: str = ""
    host: str = ""
    port: str = ""
    tls: str = TlsMode.STARTTLS
    verify: bool = True
    username: str = ""
    password: str = ""
    return_domain: str = ""
    per_second: str = ""
    per_hour: str = ""
    per_day: str = ""
    connections: str = str(CONNECTIONS)

    def __repr__(self) -> str:
        return f"Details({self.name!r}, {self.host!r})"  # never the password

    @classmethod
    def of(cls, relay: Relay) -> "RelayDetails":
        """What is set now, as a form shows it; the password is never shown."""
        return cls(
            name=relay.name,
            host=relay.host,
            port=str(relay.port),
            tls=relay.tls.value,
            verify=relay.verify,
            username=relay.username or "",
            return_domain=relay.return_domain,
            per_second=plain(relay.per_second),
            per_hour=plain(relay.per_hour),
            per_day=plain(relay.per_day),
            connections=str(relay.connections),
        )


def plain(number: float | None) -> str:
    """A number as a person would type it: 50, 0.5, or nothing."""
    return "" if number is None else f"{number:.6f}".rstrip("0").rstrip(".")


def speed_of(text: str) -> float | None:
    """Messages a second, None for as fast as it goes; ValueError is a sentence."""
    text = _without_commas(text)
    if not text:
        return None
    speed = float(text) if _SPEED.fullmatch(text) else 0.0
    if not speed:
        raise ValueError(_NO_SPEED)
    if speed < SLOWEST:
        raise ValueError(
            f"The slowest speed is {SLOWEST}, a message every 20 seconds: "
            "set a limit for the hour if it has to be less."
        )
    if speed > FASTEST:
        raise ValueError(
            f"No relay takes more than {FASTEST:,.0f} messages a second: "
            "write nothing for as fast as it goes."
        )
    return speed


class RelayForm:
    """Checks details, field by field; ``values`` go into a row when there are no ``problems``.

    ``relay`` is the one they are about; None for a new one. ``taken`` are the names of the others.
    """

    def __init__(self, details: RelayDetails, *, relay: Relay | None, taken: set[str]) -> None:
        self.values: dict[str, Any] = {}
        self.problems: Problems = []
        self.password = ""  # a new one, if there is one
        self._typed = details
        self._relay = relay
        self._name(taken)
        if not (relay and relay.from_environment):
            self._address()
            self._credentials()
        self._return_domain()
        self._pace()

    def _fault(self, field: str, sentence: str) -> None:
        self.problems.append((field, sentence))

    def _name(self, taken: set[str]) -> None:
        name = " ".join(self._typed.name.split())
        if not name or len(name) > _LONGEST_NAME or not name.isprintable():
            self._fault("name", f"Write a name of at most {_LONGEST_NAME} characters.")
        elif name.casefold() in {each.casefold() for each in taken}:
            self._fault("name", f"There is another relay called {name}.")
        self.values["name"] = name

    def _address(self) -> None:
        typed = self._typed
        host = _host(typed.host)
        if host is None:
            self._fault("host", "Write the relay’s host name, like smtp.provider.example.")
        port = _number(typed.port, most=65535)
        if port is None:
            self._fault("port", "A port is a number from 1 to 65535; most relays use 587 or 465.")
        try:
            tls = TlsMode(typed.tls)
        except ValueError:
            tls = TlsMode.STARTTLS
            self._fault("tls", "Choose how the connection is protected.")
        # An attacker who can forge a certificate can also strip the offer of TLS (RFC 7435 3).
        verify = typed.verify and tls is not TlsMode.OPPORTUNISTIC
        self.values |= {"host": host, "port": port, "tls": tls, "verify": verify}

    def _credentials(self) -> None:
        typed, relay = self._typed, self._relay
        user, password = typed.username.strip(), typed.password
        kept = bool(relay and relay.sealed_password)
        host, tls = self.values["host"], self.values["tls"]
        if any(len(each) > _LONGEST_SECRET or "\0" in each for each in (user, password)):
            self._fault(
                "username", f"A user and a password have at most {_LONGEST_SECRET} characters."
            )
        elif password and not user:
            self._fault("username", "Write the user that goes with the password, or neither.")
        elif user and not password and not kept:
            self._fault("password", "Write the password that goes with the user, or neither.")
        elif user and not password and relay and host != relay.host:
            # Otherwise an admin could have a password that they do not know sent to a host of
            # theirs.
            self._fault("password", "The host has changed: write the password again.")
        if user and host and tls in {TlsMode.NONE, TlsMode.OPPORTUNISTIC} and not is_loopback(host):
            self._fault("tls", "A password never goes out in clear: choose STARTTLS or TLS.")
        self.values["username"] = user or None
        self.password = password

    def _return_domain(self) -> None:
        domain = self._typed.return_domain.strip().rstrip(".").lower()
        try:
            domain = domain and ascii_domain(domain)
        except Refused:
            domain = "."
        if domain and ("." not in domain.strip(".") or not re.search("[a-z]", domain)):
            self._fault("return_domain", "Write a domain like bounces.example.org, or nothing.")
        self.values["return_domain"] = domain

    def _pace(self) -> None:
        typed = self._typed
        try:
            self.values["per_second"] = speed_of(typed.per_second)
        except ValueError as error:
            self._fault("per_second", str(error))
        for field, text, span in (
            ("per_hour", typed.per_hour, "an hour"),
            ("per_day", typed.per_day, "a day"),
        ):
            number = _number(text, most=MOST)
            if text.strip() and number is None:
                self._fault(field, f"A limit for {span} is a whole number from 1, or nothing.")
            self.values[field] = number
        connections = _number(typed.connections, most=MOST_CONNECTIONS)
        if connections is None:
            self._fault("connections", f"Write a number from 1 to {MOST_CONNECTIONS}.")
        self.values["connections"] = connections


def _number(text: str, *, most: int) -> int | None:
    text = _without_commas(text)
    number = int(text) if re.fullmatch(r"[0-9]{1,10}", text) else 0
    return number if 1 <= number <= most else None


def _without_commas(text: str) -> str:
    text = text.strip()
    return text.replace(",", "") if _THOUSANDS.fullmatch(text) else text


def _host(text: str) -> str | None:
    host = text.strip().removeprefix("[").removesuffix("]").lower()
    try:
        return str(ip_address(host))
    except ValueError:
        pass
    try:
        host = host if host.isascii() else ascii_domain(host)
    except Refused:
        return None
    return host if _HOST.fullmatch(host) else None
