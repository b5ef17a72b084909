"""DNS from a table: nobody is asked."""

from collections.abc import Callable, Mapping, Sequence
from ipaddress import ip_address
from typing import Final, TypeVar

from mailer.domains.answers import Answer, Gap, IpAddress, MailExchange

T = TypeVar("T")
AWAY: Final = "away"  # in place of a name's records: no answer
Zone = Mapping[str, Mapping[str, Sequence[str]] | str]
_NONE: Final[Zone] = {}


class FakeResolver:
    """Answers from a zone such as ``{"a.example": {"TXT": ["v=spf1 -all"], "A": ["192.0.2.1"]}}``.

    Kinds are TXT, MX ("10 mx.a.example", "0 ." for none), A (AAAA too) and PTR, whose name is the
    address. A name that is not in the table is not there, unless another one is below it.
    ``asked`` keeps the questions.
    """

    def __init__(self, zone: Zone = _NONE) -> None:
        self._zone = {name.lower(): records for name, records in zone.items()}
        self.asked: list[tuple[str, str]] = []

    def txt(self, name: str) -> Answer[str]:
        return self._answer(name, "TXT", str)

    def mx(self, name: str) -> Answer[MailExchange]:
        found = self._answer(name, "MX", _exchange)
        return Answer(tuple(sorted(found.records)), found.gap)

    def addresses(self, name: str) -> Answer[IpAddress]:
        return self._answer(name, "A", ip_address)

    def names_of(self, address: IpAddress) -> Answer[str]:
        return self._answer(str(address), "PTR", str)

    def _answer(self, name: str, kind: str, read: Callable[[str], T]) -> Answer[T]:
        name = name.lower().rstrip(".")
        self.asked.append((kind, name))
        records = self._zone.get(name)
        if records == AWAY:
            return Answer(gap=Gap.UNANSWERED)
        if records is None:
            below = any(each.endswith(f".{name}") for each in self._zone)
            return Answer(gap=Gap.NO_RECORD if below else Gap.NO_NAME)
        assert not isinstance(records, str)
        values = tuple(read(value) for value in records.get(kind, ()))
        return Answer(values) if values else Answer(gap=Gap.NO_RECORD)


class SilentResolver(FakeResolver):
    """DNS is away."""

    def _answer(self, name: str, kind: str, read: Callable[[str], T]) -> Answer[T]:
        self.asked.append((kind, name))
        return Answer(gap=Gap.UNANSWERED)


def _exchange(text: str) -> MailExchange:
    preference, host = text.split(" ")
    return MailExchange(int(preference), host.rstrip("."))
