"""The whole check of a sender's domain: whether receivers can verify that its mail is its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mailer.domains import exchanges, policies, published_keys, reverse
from mailer.domains.answers import Resolver
from mailer.domains.dmarc import Walk, aligned, walk
from mailer.domains.findings import Finding, Judgement, Level
from mailer.domains.origins import Origin, origins
from mailer.domains.published_keys import OurKey
from mailer.domains.routes import Route
from mailer.domains.spf import judging

_SUMMARY: Final = "All together"


@dataclass(frozen=True, slots=True)
class Sender:
    """What a check needs to know of an installation: names in A-labels and lower case.

    Mail takes any of ``routes``, each with its domain of return paths; none while it is caught.
    """

    domain: str  # of From
    return_domain: str  # of return paths where a route has no other
    keys: tuple[OurKey, ...]
    routes: tuple[Route, ...]

    @property
    def hosts(self) -> dict[str, list[str]]:
        """The relays' hosts by the domain of their return paths."""
        found: dict[str, list[str]] = {}
        for route in self.routes or (Route(""),):
            hosts = found.setdefault(route.return_domain or self.return_domain, [])
            if route.host:
                hosts.append(route.host)
        return found


@dataclass(frozen=True, slots=True)
class Check:
    """The result of a check.

    ``aligned`` says whether DKIM or SPF passes with an aligned domain, as DMARC requires; None when
    DNS gave no answer.
    """

    domain: str
    aligned: bool | None
    findings: tuple[Finding, ...]

    @property
    def to_fix(self) -> int:
        """How many findings have to be fixed."""
        return sum(finding.level is Level.FIX for finding in self.findings)


def check(resolver: Resolver, sender: Sender) -> Check:
    """Check the keys, records and hosts that prove a sender, by DNS."""
    author = walk(resolver, sender.domain)
    dkim = published_keys.judge(resolver, sender.domain, sender.keys)
    sent_from = {domain: origins(resolver, hosts) for domain, hosts in sender.hosts.items()}
    spf = _spf(resolver, sender, author, sent_from)
    findings = (
        _summary(sender.domain, dkim, spf),
        *dkim.findings,
        *spf.findings,
        *policies.judge(resolver, author, publish_at=_publish_at(sender)),
        exchanges.judge_replies(resolver, sender.domain),
        *(
            exchanges.judge_bounces(resolver, domain)
            for domain in dict.fromkeys((sender.return_domain, *sent_from))
        ),
        *reverse.judge(resolver, [each for found in sent_from.values() for each in found]),
    )
    return Check(sender.domain, _either(dkim.passes, spf.passes), findings)


def _spf(
    resolver: Resolver, sender: Sender, author: Walk, sent_from: Mapping[str, Sequence[Origin]]
) -> Judgement:
    """Passes when SPF passes, with an aligned domain, whichever relay carries the mail."""
    findings: list[Finding] = []
    passes: bool | None = True
    for domain, found in sent_from.items():
        judgement = judging.judge(resolver, domain, found)
        belongs = aligned(resolver, author, domain, strict=_strict(author))
        findings += (*judgement.findings, *_unaligned(sender, author, domain, belongs))
        passes = _both(passes, _both(judgement.passes, belongs))
    return Judgement(tuple(findings), passes)


def _strict(author: Walk) -> bool:
    return author.applied is not None and author.applied[1].strict_spf


def _summary(domain: str, dkim: Judgement, spf: Judgement) -> Finding:
    # Our signatures name the sender's own domain, so they are aligned however strictly it is meant.
    passes = _either(dkim.passes, spf.passes)
    if passes is None:
        what = f"DNS left it open whether receivers can tell that mail from {domain} is yours."
        return Finding(_SUMMARY, Level.UNCHECKED, what, "Check again in a few minutes.")
    if not passes:
        what = (
            f"Receivers can’t tell that mail from {domain} is yours: neither DKIM nor SPF speaks "
            "for it. Large mailbox providers refuse newsletters like that."
        )
        return Finding(_SUMMARY, Level.FIX, what, "Do what is said under DKIM, then under SPF.")
    if dkim.passes and spf.passes:
        what = f"Receivers can tell that mail from {domain} is yours, by DKIM and by SPF."
        return Finding(_SUMMARY, Level.OK, what)
    one, other = ("DKIM", "SPF") if dkim.passes else ("SPF", "DKIM")
    what = f"Receivers can tell that mail from {domain} is yours, by {one} alone."
    change = f"Let {other} speak for it too: large mailbox providers want both."
    return Finding(_SUMMARY, Level.LOOK, what, change)


def _unaligned(
    sender: Sender, author: Walk, domain: str, belongs: bool | None
) -> tuple[Finding, ...]:
    if belongs is None:
        what = f"DNS left it open whether {domain} belongs to {sender.domain}."
        return (Finding("SPF", Level.UNCHECKED, what, "Check again in a few minutes."),)
    if belongs:
        return ()
    what = (
        f"Bounces go to {domain}, which by DMARC does not belong to {sender.domain}: what its SPF "
        "record says does not count for the sender."
    )
    if _strict(author):
        change = f"Its policy says aspf=s: have bounces go to {sender.domain} itself."
    elif author.applied is None and _related(sender.domain, domain):
        change = "Publish the DMARC record said below: it is what ties the two names together."
    else:
        change = f"Have bounces go to {sender.domain} or a name below it (BOUNCE_DOMAIN)."
    return (Finding("SPF", Level.LOOK, what, change),)


def _publish_at(sender: Sender) -> str:
    """Where one policy covers the sender and the return paths that are above or below it."""
    related = [domain for domain in sender.hosts if _related(sender.domain, domain)]
    return min(sender.domain, *related, key=len) if related else sender.domain


def _related(one: str, other: str) -> bool:
    return f".{one}".endswith(f".{other}") or f".{other}".endswith(f".{one}")


def _either(one: bool | None, other: bool | None) -> bool | None:
    if one or other:
        return True
    return None if None in {one, other} else False


def _both(one: bool | None, other: bool | None) -> bool | None:
    if one is False or other is False:
        return False
    return None if None in {one, other} else True
