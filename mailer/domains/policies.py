"""The findings about a sender's DMARC policy."""

from typing import Final

from mailer.domains.answers import Gap, Resolver
from mailer.domains.dmarc import Policy, Walk, Wish
from mailer.domains.findings import Finding, Level, Record, listed

_ABOUT: Final = "DMARC"
_LEAST: Final = "v=DMARC1; p=none"
_EFFECT: Final = {
    Wish.NONE: "receivers deliver mail that fails as they see fit",
    Wish.QUARANTINE: "receivers put mail that fails into spam folders",
    Wish.REJECT: "receivers refuse mail that fails",
}


def judge(resolver: Resolver, walk: Walk, *, publish_at: str) -> tuple[Finding, ...]:
    """The policy that receivers apply to mail from where the walk started.

    Without one it is to be published at ``publish_at``.
    """
    if walk.start in walk.crowded:
        what = f"There are several DMARC records at _dmarc.{walk.start}: receivers ignore them all."
        return (Finding(_ABOUT, Level.FIX, what, "Keep one of them and take away the rest."),)
    applied = walk.applied
    if applied is None:
        return (_none(walk, publish_at),)
    place, policy = applied
    if unread := _unreadable(policy):
        what = f"The DMARC record at _dmarc.{place} has no {unread} that can be read."
        change = f"Receivers may pass over all of it: say none, quarantine or reject in {unread}."
        return (Finding(_ABOUT, Level.FIX, what, change),)
    return (_applied(place, policy, _wish(resolver, walk, place, policy)), *_remarks(place, policy))


def _unreadable(policy: Policy) -> str:
    """The tag that makes receivers pass over a record (section 4.10.1), "" if none does."""
    if policy.wish is None:
        return "p="
    return next((f"{name}=" for name in ("sp", "np") if name in policy.faults), "")


def _none(walk: Walk, publish_at: str) -> Finding:
    if not walk.known:
        what = f"DNS gave no answer about the DMARC policy of {walk.start}."
        return Finding(_ABOUT, Level.UNCHECKED, what)
    return Finding(
        _ABOUT,
        Level.FIX,
        f"There is no DMARC policy for {walk.start}: large mailbox providers want one.",
        "Publish this record. With rua=mailto: and a mailbox that somebody reads, receivers also "
        "report who sends in this domain’s name.",
        Record(f"_dmarc.{publish_at}", _LEAST),
    )


def _applied(place: str, policy: Policy, wish: Wish) -> Finding:
    what = f"_dmarc.{place} asks for “{wish}”: {_EFFECT[wish]}."
    if wish is not Wish.NONE:
        return Finding(_ABOUT, Level.OK, what)
    if not policy.reports:
        change = (
            "That is enough to send. Add rua=mailto: and a mailbox that somebody reads, to learn "
            "who sends in this domain’s name."
        )
        return Finding(_ABOUT, Level.OK, what, change)
    change = "That is enough to send. Once the reports show only your own mail, ask for quarantine."
    return Finding(_ABOUT, Level.OK, what, change)


def _remarks(place: str, policy: Policy) -> list[Finding]:
    remarks = []
    if policy.testing:
        what = f"_dmarc.{place} says t=y: receivers apply the next milder policy while you test."
        remarks.append(Finding(_ABOUT, Level.LOOK, what, "Take t=y away when you are done."))
    if policy.removed:
        names = listed([f"{name}=" for name in policy.removed])
        what = f"_dmarc.{place} has {names}, which RFC 9989 took away: receivers ignore it."
        remarks.append(Finding(_ABOUT, Level.LOOK, what, f"Take {names} out of the record."))
    if policy.faults:
        names = listed([f"{name}=" for name in policy.faults])
        what = f"_dmarc.{place} has a value in {names} that means nothing: receivers ignore it."
        remarks.append(Finding(_ABOUT, Level.LOOK, what, f"Mend {names}, or take it out."))
    return remarks


def _wish(resolver: Resolver, walk: Walk, place: str, policy: Policy) -> Wish:
    """Section 4.10.1: the domain's own policy, or for subdomains, existing (sp) or not (np)."""
    own = policy.wish or Wish.NONE
    if place == walk.start:
        return own
    below = policy.for_subdomains or own
    absent = resolver.txt(walk.start).gap is Gap.NO_NAME
    return policy.for_absent or below if absent else below
