"""Evaluates an SPF record as receivers do: for one address, and as a whole.

The survey of the whole proceeds as if no mechanism matched, which asks DNS the most questions: so
the limits of RFC 7208 section 4.6.4 are checked for the worst case that a receiver can meet.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_network
from typing import Final

from mailer.domains.answers import Answer, IpAddress, Resolver, T
from mailer.domains.findings import quoted
from mailer.domains.spf.macros import Sending, expand
from mailer.domains.spf.record import Mechanism, MechanismKind, SpfRecord, is_spf, read
from mailer.errors import UnreadableRecord

MOST_LOOKUPS: Final = 10
MOST_VOIDS: Final = 2
_MOST_NAMES: Final = 10  # of an MX or a PTR answer


class SpfResult(StrEnum):
    """RFC 7208 section 2.6."""

    NONE = "none"
    NEUTRAL = "neutral"
    PASS = "pass"  # noqa: S105  # the word of the RFC
    FAIL = "fail"
    SOFTFAIL = "softfail"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


_VERDICTS: Final = {
    "+": SpfResult.PASS,
    "-": SpfResult.FAIL,
    "~": SpfResult.SOFTFAIL,
    "?": SpfResult.NEUTRAL,
}


@dataclass(slots=True)
class Evaluation:
    """The result. ``why`` is half a sentence about an error; the numbers count questions to DNS.

    A survey also says whether any address may pass (``grants``), whether every address does
    (``open_to_all``), and the verdict about addresses that match nothing (``catch_all``).
    """

    result: SpfResult = SpfResult.NONE
    why: str = ""
    lookups: int = 0
    voids: int = 0
    grants: bool = False
    open_to_all: bool = False
    catch_all: str = ""


class _EvaluationError(Exception):
    """The evaluation cannot go on."""

    def __init__(self, result: SpfResult, why: str) -> None:
        super().__init__(why)
        self.result = result
        self.why = why


def check_host(resolver: Resolver, domain: str, address: IpAddress) -> Evaluation:
    """The result for mail from ``address`` with a return path at ``domain`` (section 4)."""
    return _evaluate(resolver, domain, address)


def survey(resolver: Resolver, domain: str) -> Evaluation:
    """The record of ``domain`` and all it leads to; the result is never about an address."""
    return _evaluate(resolver, domain, None)


def _evaluate(resolver: Resolver, domain: str, address: IpAddress | None) -> Evaluation:
    evaluator = _Evaluator(resolver, Sending(domain, address))
    try:
        evaluator.found.result = evaluator.record_of(domain, ())
    except _EvaluationError as error:
        evaluator.found.result, evaluator.found.why = error.result, error.why
    return evaluator.found


class _Evaluator:
    """The state of one evaluation of a record and those it includes."""

    def __init__(self, resolver: Resolver, sending: Sending) -> None:
        self._resolver = resolver
        self._sending = sending
        self.found = Evaluation()

    def record_of(self, domain: str, path: tuple[str, ...]) -> SpfResult:
        """The result at ``domain``, reached by way of ``path``."""
        domain = domain.lower()
        if domain in path:
            way = " → ".join((*path, domain))
            raise _EvaluationError(SpfResult.PERMERROR, f"it leads back to itself: {way}")
        answer = self._resolver.txt(domain)
        records = [text for text in self._known(answer, domain) if is_spf(text)]
        if path:
            self._count_void(answer)
        if not records:
            return SpfResult.NONE
        if len(records) > 1:
            raise _EvaluationError(
                SpfResult.PERMERROR, f"{domain} has {len(records)} records of SPF, not one"
            )
        try:
            record = read(records[0])
        except UnreadableRecord as error:
            raise _EvaluationError(SpfResult.PERMERROR, f"at {domain} {error}") from None
        return self._apply(record, domain, (*path, domain))

    def _apply(self, record: SpfRecord, domain: str, path: tuple[str, ...]) -> SpfResult:
        for mechanism in record.mechanisms:
            if mechanism.verdict == "+" and mechanism.kind is not MechanismKind.INCLUDE:
                self.found.grants = True
            if self._matches(mechanism, domain, path):
                return _VERDICTS[mechanism.verdict]
        if not record.redirect:
            self.found.catch_all = record.catch_all
            self.found.open_to_all |= record.catch_all == "+"
            return SpfResult.NEUTRAL
        self._count_lookup()
        target = expand(record.redirect, domain, self._sending)
        if target is None:
            return SpfResult.NEUTRAL
        # The record at the target takes the place of this one (section 6.1).
        result = self.record_of(target, path)
        if result is SpfResult.NONE:
            raise _EvaluationError(
                SpfResult.PERMERROR, f"it redirects to {quoted(target)}, which has no SPF"
            )
        return result

    def _matches(self, mechanism: Mechanism, domain: str, path: tuple[str, ...]) -> bool:
        address = self._sending.address
        if mechanism.kind is MechanismKind.ALL:
            return address is not None
        if mechanism.network is not None:
            return address is not None and address in mechanism.network
        self._count_lookup()
        name = expand(mechanism.spec, domain, self._sending) if mechanism.spec else domain
        return name is not None and self._ask(mechanism, name, path)

    def _ask(self, mechanism: Mechanism, name: str, path: tuple[str, ...]) -> bool:
        match mechanism.kind:
            case MechanismKind.INCLUDE:
                return self._includes(mechanism, name, path)
            case MechanismKind.A:
                return self._covers(mechanism, self._asked(self._resolver.addresses(name), name))
            case MechanismKind.MX:
                return self._matches_mx(mechanism, name)
            case MechanismKind.PTR:
                return self._matches_ptr(name)
        # exists: any A record will do, whichever kind of address is asked about (section 5.7).
        found = self._asked(self._resolver.addresses(name), name)
        known = self._sending.address is not None
        return known and any(isinstance(each, IPv4Address) for each in found)

    def _includes(self, mechanism: Mechanism, name: str, path: tuple[str, ...]) -> bool:
        granted, catch_all = self.found.grants, self.found.catch_all
        result = self.record_of(name, path)
        self.found.catch_all = catch_all
        if mechanism.verdict != "+":
            self.found.grants = granted
        if result is SpfResult.NONE:
            raise _EvaluationError(
                SpfResult.PERMERROR, f"it includes {quoted(name)}, which has no SPF"
            )
        return result is SpfResult.PASS

    def _matches_mx(self, mechanism: Mechanism, name: str) -> bool:
        exchanges = self._asked(self._resolver.mx(name), name)
        if len(exchanges) > _MOST_NAMES:
            raise _EvaluationError(
                SpfResult.PERMERROR, f"{name} has more than {_MOST_NAMES} MX records"
            )
        if self._sending.address is None:
            return False
        return any(
            self._covers(mechanism, self._known(self._resolver.addresses(each.host), each.host))
            for each in exchanges
            if each.host
        )

    def _matches_ptr(self, name: str) -> bool:
        address = self._sending.address
        if address is None:
            return False
        names = self._resolver.names_of(address).records[:_MOST_NAMES]
        return any(
            address in self._resolver.addresses(each).records
            for each in names
            if f".{each}".lower().endswith(f".{name}".lower())
        )

    def _covers(self, mechanism: Mechanism, found: tuple[IpAddress, ...]) -> bool:
        address = self._sending.address
        if address is None:
            return False
        return any(address in network for network in _networks(mechanism, found))

    def _asked(self, answer: Answer[T], name: str) -> tuple[T, ...]:
        self._count_void(answer)
        return self._known(answer, name)

    def _known(self, answer: Answer[T], name: str) -> tuple[T, ...]:
        if not answer.known:
            raise _EvaluationError(SpfResult.TEMPERROR, f"DNS gave no answer about {quoted(name)}")
        return answer.records

    def _count_lookup(self) -> None:
        self.found.lookups += 1
        if self.found.lookups > MOST_LOOKUPS:
            raise _EvaluationError(
                SpfResult.PERMERROR, f"it needs more than {MOST_LOOKUPS} questions to DNS"
            )

    def _count_void(self, answer: Answer[T]) -> None:
        self.found.voids += answer.void
        if self.found.voids > MOST_VOIDS:
            raise _EvaluationError(
                SpfResult.PERMERROR, f"more than {MOST_VOIDS} of the names in it are not there"
            )


def _networks(
    mechanism: Mechanism, addresses: tuple[IpAddress, ...]
) -> Iterator[IPv4Network | IPv6Network]:
    for each in addresses:
        prefix = mechanism.four if isinstance(each, IPv4Address) else mechanism.six
        yield ip_network((each, prefix), strict=False)
