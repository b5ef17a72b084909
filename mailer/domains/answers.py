"""Questions to DNS and their answers: a port, so that tests of checks need no network."""

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")
IpAddress = IPv4Address | IPv6Address


class Gap(StrEnum):
    """Why an answer holds no record."""

    NO_NAME = "no such name"  # NXDOMAIN: nothing is below it either (RFC 8020)
    NO_RECORD = "no such record"  # the name is there, a record of this kind is not
    UNANSWERED = "no answer"  # a timeout, a broken zone, no name server: nothing is known


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """The records found, or why there are none; always one of the two."""

    records: tuple[T, ...] = ()
    gap: Gap | None = None

    @property
    def known(self) -> bool:
        """Whether DNS has answered, also that there are no records."""
        return self.gap is not Gap.UNANSWERED

    @property
    def void(self) -> bool:
        """Whether DNS has answered that there are no records (RFC 7208 section 4.6.4)."""
        return self.known and not self.records


@dataclass(frozen=True, slots=True, order=True)
class MailExchange:
    """An MX record. The host of a null MX is "" (RFC 7505: the domain takes no mail)."""

    preference: int
    host: str


class Resolver(Protocol):
    """Asks DNS. Never raises, whatever the name or the answer; names have no final dot."""

    def txt(self, name: str) -> Answer[str]:
        """TXT records, each with its strings joined."""
        ...

    def mx(self, name: str) -> Answer[MailExchange]:
        """MX records, the preferred first."""
        ...

    def addresses(self, name: str) -> Answer[IpAddress]:
        """A and AAAA records together."""
        ...

    def names_of(self, address: IpAddress) -> Answer[str]:
        """PTR records."""
        ...
