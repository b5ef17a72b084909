"""The findings about the SPF record at a return path's domain."""

from collections.abc import Sequence
from typing import Final

from mailer.domains.answers import IpAddress, Resolver
from mailer.domains.findings import Finding, Judgement, Level, Record, listed
from mailer.domains.origins import Origin, known_addresses
from mailer.domains.spf.evaluating import MOST_LOOKUPS, Evaluation, SpfResult, check_host, survey
from mailer.domains.spf.record import is_spf

_ABOUT: Final = "SPF"


def judge(resolver: Resolver, domain: str, sent_from: Sequence[Origin]) -> Judgement:
    """The record of ``domain``, whom it lets send, and whether that is us."""
    whole = survey(resolver, domain)
    match whole.result:
        case SpfResult.NONE:
            return Judgement((_missing(domain, sent_from),), passes=False)
        case SpfResult.TEMPERROR:
            what = f"The SPF record of {domain} could not be read to its end: {whole.why}."
            return Judgement((Finding(_ABOUT, Level.UNCHECKED, what),), passes=None)
        case SpfResult.PERMERROR:
            what = f"Receivers take the SPF record of {domain} for broken: {whole.why}."
            change = f"Mend it. One record, and at most {MOST_LOOKUPS} questions to DNS in all."
            return Judgement((Finding(_ABOUT, Level.FIX, what, change),), passes=False)
    if not whole.grants:
        what = f"The SPF record of {domain} lets nobody send."
        finding = Finding(_ABOUT, Level.FIX, what, *_suggestion(domain, sent_from))
        return Judgement((finding,), passes=False)
    about_us, passes = _about_us(resolver, domain, sent_from, whole)
    return Judgement((*about_us, *_remarks(domain, whole)), passes)


def _missing(domain: str, sent_from: Sequence[Origin]) -> Finding:
    what = f"{domain}, where bounces go, has no SPF record: it does not say who may send."
    return Finding(_ABOUT, Level.FIX, what, *_suggestion(domain, sent_from))


def _suggestion(domain: str, sent_from: Sequence[Origin]) -> tuple[str, Record | None]:
    if not sent_from:
        return "Set up a relay first: who runs it can say what the record has to hold.", None
    if known := known_addresses(sent_from):
        terms = " ".join(_term(address) for address in known)
        return "Publish this record.", Record(domain, f"v=spf1 {terms} ~all")
    if hosts := [origin.host for origin in sent_from if origin.addresses]:
        terms = " ".join(f"a:{host}" for host in hosts)
        change = (
            f"Ask who runs {listed(hosts)} what to publish: most relays have a word such as "
            "include: for it. One that sends from its own address needs this record."
        )
        return change, Record(domain, f"v=spf1 {terms} ~all")
    return "Publish “v=spf1”, the public addresses your relay sends from, and “~all”.", None


def _about_us(
    resolver: Resolver, domain: str, sent_from: Sequence[Origin], whole: Evaluation
) -> tuple[list[Finding], bool | None]:
    known = known_addresses(sent_from)
    results = {each: check_host(resolver, domain, each).result for each in known}
    if unclear := [each for each in known if results[each] is SpfResult.TEMPERROR]:
        what = f"Whether the SPF record of {domain} lets {_named(unclear)} send is not known."
        return [Finding(_ABOUT, Level.UNCHECKED, what, "Check again in a few minutes.")], None
    if denied := [each for each in known if results[each] is not SpfResult.PASS]:
        what = f"The SPF record of {domain} does not let {_named(denied)} send."
        record = Record(domain, _with(_current(resolver, domain), denied))
        change = "Put this record in its place: it is the same with your address in it."
        return [Finding(_ABOUT, Level.FIX, what, change, record)], False
    lookups = f"It takes {whole.lookups} of {MOST_LOOKUPS} questions to DNS."
    if known:
        what = f"The SPF record of {domain} lets {_named(known)} send. {lookups}"
        return [Finding(_ABOUT, Level.OK, what)], True
    return [_hinted(resolver, domain, sent_from, lookups)], True


def _hinted(resolver: Resolver, domain: str, sent_from: Sequence[Origin], lookups: str) -> Finding:
    hints = [address for origin in sent_from for address in origin.addresses]
    results = [check_host(resolver, domain, each).result for each in hints]
    hosts = listed([origin.host for origin in sent_from]) if sent_from else ""
    if hints and all(result is SpfResult.PASS for result in results):
        what = f"The SPF record of {domain} lets {hosts} send. {lookups}"
        return Finding(_ABOUT, Level.OK, what)
    if not sent_from:
        what = f"{domain} has an SPF record. Whom it has to let send is not known yet. {lookups}"
        return Finding(_ABOUT, Level.OK, what, "Set up a relay, then check again.")
    return Finding(
        _ABOUT,
        Level.UNCHECKED,
        f"{domain} has an SPF record. Whether it lets your relay send can’t be told from here: "
        f"which addresses {hosts} sends from, its operator knows. {lookups}",
        "Ask who runs the relay which words the record needs, and see that they are in it.",
    )


def _remarks(domain: str, whole: Evaluation) -> list[Finding]:
    if whole.open_to_all:
        what = f"The SPF record of {domain} lets everybody send (+all): receivers distrust that."
        return [Finding(_ABOUT, Level.LOOK, what, "End it with “~all”.")]
    if whole.catch_all in {"", "?"}:
        end = "“?all”" if whole.catch_all else "no “all”"
        what = f"The SPF record of {domain} ends with {end}: about strangers it says nothing."
        return [Finding(_ABOUT, Level.LOOK, what, "End it with “~all”.")]
    return []


def _current(resolver: Resolver, domain: str) -> str:
    return next(text for text in resolver.txt(domain).records if is_spf(text))


def _with(text: str, addresses: Sequence[IpAddress]) -> str:
    terms = " ".join(_term(address) for address in addresses)
    return " ".join(("v=spf1", terms, *text.split()[1:]))


def _term(address: IpAddress) -> str:
    return f"ip{address.version}:{address}"


def _named(addresses: Sequence[IpAddress]) -> str:
    return listed([str(address) for address in addresses])
