"""The results of checks of a domain, and whether an issue may go out from it."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from mailer.domains.checking import Check
from mailer.domains.findings import Finding
from mailer.models import DomainCheck

_FRESH: Final = timedelta(hours=24)
_TRUSTED: Final = timedelta(days=7)  # DNS may be away for a while without an issue being held
_PATIENCE: Final = timedelta(minutes=1)  # between two questions about a domain in disorder
_KEPT: Final = timedelta(days=30)

_WHERE: Final = "An admin sees what to publish under Senders and domains."


def domain_of(address: str) -> str:
    """The domain of an address, in lower case."""
    return address.rpartition("@")[2].lower()


def keep(session: Session, check: Check, *, now: datetime) -> DomainCheck:
    """Keep what a check found; those before the last month go."""
    old = (DomainCheck.domain == check.domain) & (DomainCheck.checked_at < now - _KEPT)
    session.execute(delete(DomainCheck).where(old))
    kept = DomainCheck(
        domain=check.domain,
        checked_at=now,
        aligned=check.aligned,
        findings=[finding.to_json() for finding in check.findings],
    )
    session.add(kept)
    return kept


def latest(session: Session, domain: str) -> DomainCheck | None:
    """The last check of a domain, if there was one."""
    return session.scalar(
        select(DomainCheck)
        .where(DomainCheck.domain == domain)
        .order_by(DomainCheck.checked_at.desc(), DomainCheck.id.desc())
        .limit(1)
    )


def by_topic(kept: DomainCheck) -> list[tuple[str, list[Finding]]]:
    """The findings of a kept check, by what they are about."""
    topics: dict[str, list[Finding]] = {}
    for each in map(Finding.from_json, kept.findings):
        topics.setdefault(each.about, []).append(each)
    return list(topics.items())


def forget(session: Session, domain: str) -> None:
    """Drop the checks of a domain: its keys have changed since."""
    session.execute(delete(DomainCheck).where(DomainCheck.domain == domain))


def forget_all(session: Session) -> None:
    """Drop the checks of every domain: the relays have changed since."""
    session.execute(delete(DomainCheck))


def is_due(session: Session, domain: str, *, now: datetime) -> bool:
    """Whether DNS should be asked before an issue is allowed or held.

    A domain in order is asked about once a day; one in disorder may have been put in order since.
    """
    last = latest(session, domain)
    if last is None:
        return True
    return last.checked_at <= now - (_FRESH if last.aligned else _PATIENCE)


def obstacle(session: Session, domain: str, *, now: datetime) -> str | None:
    """Why no issue should go out from a domain, in a sentence or two; None when one may.

    The last check that came to a verdict decides, for a week: DNS that is away changes nothing.
    """
    verdict = session.scalar(
        select(DomainCheck.aligned)
        .where(
            DomainCheck.domain == domain,
            DomainCheck.aligned.is_not(None),
            DomainCheck.checked_at > now - _TRUSTED,
        )
        .order_by(DomainCheck.checked_at.desc(), DomainCheck.id.desc())
        .limit(1)
    )
    if verdict:
        return None
    if verdict is not None:
        return (
            f"Receivers can’t tell that mail from {domain} is yours: neither DKIM nor SPF speaks "
            f"for it. {_WHERE}"
        )
    if latest(session, domain) is None:
        return f"Whether receivers can tell mail from {domain} as yours was never checked. {_WHERE}"
    return (
        f"DNS does not answer about {domain}, and no check of the last seven days has found it in "
        "order. Try again in a few minutes."
    )
