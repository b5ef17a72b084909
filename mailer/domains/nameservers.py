"""The name servers of this machine, asked through dnspython."""

import time
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any, Final, TypeVar

import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver
import dns.reversename
import structlog

from mailer.domains.answers import Answer, Gap, IpAddress, MailExchange

T = TypeVar("T")
log = structlog.get_logger(__name__)

_MOST_QUESTIONS: Final = 150
_MOST_RECORDS: Final = 100  # of one answer
_LONGEST_TEXT: Final = 8192  # characters of one TXT record
_EACH: Final = 3.0


class NameServers:
    """The questions of one check: each is asked once, and all are answered within ``seconds``.

    A question for which no time is left has the answer UNANSWERED.
    """

    def __init__(
        self, *, seconds: float = 10.0, resolver: dns.resolver.Resolver | None = None
    ) -> None:
        self._until = time.monotonic() + seconds
        self._resolver = resolver or _of_this_machine()
        self._kept: dict[tuple[str, str], Answer[Any]] = {}

    def txt(self, name: str) -> Answer[str]:
        """TXT records, each with its strings joined (RFC 7208 3.3, RFC 6376 3.6.2.2)."""
        return self._ask(name, "TXT", _text)

    def mx(self, name: str) -> Answer[MailExchange]:
        """MX records, the preferred first."""
        found = self._ask(name, "MX", _exchange)
        return Answer(tuple(sorted(found.records)), found.gap)

    def addresses(self, name: str) -> Answer[IpAddress]:
        """A and AAAA records together."""
        four = self._ask(name, "A", _address)
        if four.gap is Gap.NO_NAME:
            return four
        six = self._ask(name, "AAAA", _address)
        if found := four.records + six.records:
            return Answer(found)
        return four if not four.known else six

    def names_of(self, address: IpAddress) -> Answer[str]:
        """PTR records."""
        reverse = dns.reversename.from_address(str(address))
        return self._ask(reverse.to_text(omit_final_dot=True), "PTR", _target)

    def _ask(self, name: str, kind: str, read: Callable[[Any], T]) -> Answer[T]:
        key = (name.lower(), kind)
        if key not in self._kept:
            if len(self._kept) >= _MOST_QUESTIONS:
                return Answer(gap=Gap.UNANSWERED)
            self._kept[key] = self._asked(name, kind, read)
        return self._kept[key]

    def _asked(self, name: str, kind: str, read: Callable[[Any], T]) -> Answer[T]:
        left = self._until - time.monotonic()
        if self._resolver is None or left <= 0:
            return Answer(gap=Gap.UNANSWERED)
        try:
            wanted = dns.name.from_text(name) if name.isascii() else None
        except dns.exception.DNSException:
            wanted = None
        if wanted is None:  # a text that is no name has no records
            return Answer(gap=Gap.NO_NAME)
        try:
            found = self._resolver.resolve(wanted, kind, lifetime=min(left, _EACH), search=False)
            records = tuple(read(record) for record in list(found)[:_MOST_RECORDS])
        except dns.resolver.NXDOMAIN:
            return Answer(gap=Gap.NO_NAME)
        except dns.resolver.NoAnswer:
            return Answer(gap=Gap.NO_RECORD)
        except Exception as error:  # any fault that a foreign zone causes in the library
            log.info("DNS gave no answer", kind=kind, why=type(error).__name__)
            return Answer(gap=Gap.UNANSWERED)
        return Answer(records) if records else Answer(gap=Gap.NO_RECORD)


def _of_this_machine() -> dns.resolver.Resolver | None:
    try:
        found = dns.resolver.Resolver()
    except (dns.exception.DNSException, OSError):
        return None
    found.timeout = 1.5  # seconds for one server, before the next is asked
    return found


def _text(record: Any) -> str:
    octets = b"".join(record.strings)[:_LONGEST_TEXT]
    return octets.decode("utf-8", "backslashreplace")


def _exchange(record: Any) -> MailExchange:
    host = "" if record.exchange == dns.name.root else record.exchange.to_text(omit_final_dot=True)
    return MailExchange(record.preference, host)


def _address(record: Any) -> IpAddress:
    return ip_address(record.address)


def _target(record: Any) -> str:
    found: str = record.target.to_text(omit_final_dot=True)
    return found
