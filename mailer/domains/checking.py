"""The whole check of a sender's domain: can receivers tell that its mail is its own?"""

from dataclasses import dataclass
from typing import Final

from mailer.domains import exchanges, policies, published_keys, reverse
from mailer.domains.answers import Resolver
from mailer.domains.dmarc import Walk, aligned, walk
from mailer.domains.findings import Finding, Judgement, Level
from mailer.domains.origins import origins
from mailer.domains.published_keys import OurKey
from mailer.domains.spf import judging as spf

_TOGETHER: Final = "All together"


@dataclass(frozen=True, slots=True)
class Sender:
    """What a check has to know of ours: names in A-labels and lower case.

    ``relays`` are the hosts that mail is handed to, as the settings name them; none while mail is
    caught here.
    """

    domain: str  # of From
    return_domain: str  # of return paths
    keys: tuple[OurKey, ...]
    relays: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """What was found. ``aligned``: whether DKIM or SPF passes and speaks for the sender's domain,
    which is what DMARC asks for; None when DNS left that open."""

    domain: str
    aligned: bool | None
    findings: tuple[Finding, ...]

    @property
    def to_fix(self) -> int:
        """How many findings have to be fixed."""
        return sum(finding.level is Level.FIX for finding in self.findings)


def check(resolver: Resolver, sender: Sender) -> Check:
    """Ask DNS about everything that speaks for a sender."""
    sent_from = origins(resolver, sender.relays)
    author = walk(resolver, sender.domain)
    dkim = published_keys.judge(resolver, sender.domain, sender.keys)
    spf_record = spf.judge(resolver, sender.return_domain, sent_from)
    belongs = _belongs(resolver, author, sender.return_domain)
    by_spf = _both(spf_record.passes, belongs)
    findings = (
        _together(sender.domain, dkim, by_spf),
        *dkim.findings,
        *spf_record.findings,
        *_strangers(sender, author, belongs),
        *policies.judge(resolver, author, publish_at=_publish_at(sender)),
        exchanges.judge_replies(resolver, sender.domain),
        exchanges.judge_bounces(resolver, sender.return_domain),
        *reverse.judge(resolver, sent_from),
    )
    return Check(sender.domain, _either(dkim.passes, by_spf), findings)


def _belongs(resolver: Resolver, author: Walk, return_domain: str) -> bool | None:
    return aligned(resolver, author, return_domain, strict=_strict(author))


def _strict(author: Walk) -> bool:
    return author.applied is not None and author.applied[1].strict_spf


def _together(domain: str, dkim: Judgement, by_spf: bool | None) -> Finding:
    # Our signatures name the sender's own domain, so they are aligned however strictly it is meant.
    passes = _either(dkim.passes, by_spf)
    if passes is None:
        what = f"DNS left it open whether receivers can tell that mail from {domain} is yours."
        return Finding(_TOGETHER, Level.UNCHECKED, what, "Check again in a few minutes.")
    if not passes:
        what = (
            f"Receivers can’t tell that mail from {domain} is yours: neither DKIM nor SPF speaks "
            "for it. Large mailbox providers refuse newsletters like that."
        )
        return Finding(_TOGETHER, Level.FIX, what, "Do what is said under DKIM, then under SPF.")
    if dkim.passes and by_spf:
        what = f"Receivers can tell that mail from {domain} is yours, by DKIM and by SPF."
        return Finding(_TOGETHER, Level.OK, what)
    one, other = ("DKIM", "SPF") if dkim.passes else ("SPF", "DKIM")
    what = f"Receivers can tell that mail from {domain} is yours, by {one} alone."
    change = f"Let {other} speak for it too: large mailbox providers want both."
    return Finding(_TOGETHER, Level.LOOK, what, change)


def _strangers(sender: Sender, author: Walk, belongs: bool | None) -> tuple[Finding, ...]:
    if belongs is None:
        what = f"DNS left it open whether {sender.return_domain} belongs to {sender.domain}."
        return (Finding("SPF", Level.UNCHECKED, what, "Check again in a few minutes."),)
    if belongs:
        return ()
    what = (
        f"Bounces go to {sender.return_domain}, which by DMARC does not belong to {sender.domain}: "
        "what its SPF record says does not count for the sender."
    )
    if _strict(author):
        change = f"Its policy says aspf=s: set BOUNCE_DOMAIN to {sender.domain} itself."
    elif author.applied is None and _related(sender):
        change = "Publish the DMARC record said below: it is what ties the two names together."
    else:
        change = f"Set BOUNCE_DOMAIN to {sender.domain} or a name below it."
    return (Finding("SPF", Level.LOOK, what, change),)


def _publish_at(sender: Sender) -> str:
    """Where one policy covers the sender and, if one is below the other, the return path too."""
    if _related(sender):
        return min(sender.domain, sender.return_domain, key=len)
    return sender.domain


def _related(sender: Sender) -> bool:
    one, other = f".{sender.domain}", f".{sender.return_domain}"
    return one.endswith(other) or other.endswith(one)


def _either(one: bool | None, other: bool | None) -> bool | None:
    if one or other:
        return True
    return None if None in {one, other} else False


def _both(one: bool | None, other: bool | None) -> bool | None:
    if one is False or other is False:
        return False
    return None if None in {one, other} else True
