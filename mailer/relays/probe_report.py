"""The result of a trial of a relay, as sentences for people and as JSON for programs."""

from typing import Any, Final

from mailer.delivery.smtp.envelopes import Fate, Outcome
from mailer.delivery.smtp.pipelining import Grouping
from mailer.delivery.smtp.replies import Capabilities, Phase
from mailer.delivery.verdicts.judging import VerdictKind, judge
from mailer.relays.probe import Trial

_MODES: Final = {
    Grouping.CHUNKING: "each message leaves in one write with the next one’s addresses (BDAT)",
    Grouping.FULL: "each message leaves in one write with the next one’s addresses",
    Grouping.ENVELOPE: "addresses leave in one write, messages by themselves",
    Grouping.SINGLE: "one command at a time: it does not offer PIPELINING",
}
_PHASES: Final = {
    Phase.CONNECT: "when we connected",
    Phase.EHLO: "when we introduced ourselves",
    Phase.STARTTLS: "when the connection turned to TLS",
    Phase.AUTH: "when we signed in",
    Phase.MAIL: "at the sender’s address",
    Phase.RCPT: "at the recipient’s address",
    Phase.DATA: "before the message",
    Phase.CONTENT: "after the message",
}
_HINTS: Final = {
    Phase.CONNECT: "Look at the host and the port, and whether a firewall is between.",
    Phase.EHLO: "It may not be a relay, or not one for this machine.",
    Phase.STARTTLS: "Look at the protection of the connection, and at the certificate.",
    Phase.AUTH: "Look at the user and the password; some providers need one made for SMTP.",
}
_MEANINGS: Final = {
    VerdictKind.DEFERRED: "Not now: a copy of an issue would be tried again later, by itself.",
    VerdictKind.REFUSED: (
        "It is about this message or its recipient: only this copy would be refused."
    ),
    VerdictKind.CAMPAIGN: (
        "Every copy would fare the same: an issue would be paused. Mostly the relay does not know "
        "this sender; the provider’s pages say how to have an address or domain allowed."
    ),
}
_LONGEST: Final = 200


def offers(offered: Capabilities) -> list[tuple[str, str]]:
    """What a relay offers, by its EHLO reply: pairs of a keyword and its meaning."""
    auth = ", ".join(sorted(offered.auth))[:_LONGEST]
    size = f"messages of up to {offered.size:,} octets" if offered.size else "no limit is told"
    rows = (
        (offered.pipelining, "PIPELINING", "takes several commands at once"),
        (offered.chunking, "CHUNKING", "takes messages by BDAT, which saves a question"),
        (offered.size is not None, "SIZE", size),
        (offered.starttls, "STARTTLS", "the connection can turn to TLS"),
        (bool(offered.auth), "AUTH", f"ways to sign in: {auth}"),
        (offered.eight_bit, "8BITMIME", "takes text that is not ASCII as it is"),
        (offered.utf8, "SMTPUTF8", "takes addresses that are not ASCII"),
        (offered.dsn, "DSN", "reports what became of a message when asked"),
        (offered.enhanced_codes, "ENHANCEDSTATUSCODES", "says more exactly why it refuses"),
        (
            offered.mail_max is not None,
            "LIMITS",
            f"at most {offered.mail_max or 0:,} messages on one connection",
        ),
    )
    return [(name, meaning) for offers_it, name, meaning in rows if offers_it]


def pipelining_mode(trial: Trial) -> str:
    """How messages would be handed over, and how many a second one connection makes of that."""
    assert trial.grouping is not None
    text = f"{trial.grouping}: {_MODES[trial.grouping]}"
    trips = {Grouping.ENVELOPE: 2, Grouping.SINGLE: 4}.get(trial.grouping, 1)
    seconds = trial.known.round_trip * trips
    if seconds < 0.001:
        return text
    return f"{text}; about {max(1, round(1 / seconds)):,} messages a second on each connection"


def failure(trial: Trial) -> list[str]:
    """Why the relay did not let us in, and what to look at."""
    hint = _HINTS.get(trial.failed_at) if trial.failed_at else None
    return [trial.failure, *([hint] if hint else [])]


def fate(outcome: Outcome) -> tuple[str, str]:
    """What became of the test mail, and what that means."""
    where = _PHASES[outcome.phase]
    verdict = judge(outcome)
    if outcome.fate is Fate.ACCEPTED:
        return (
            f"The relay took it: {outcome.text}",
            "Now see where it arrives: in the inbox, or among junk?",
        )
    if outcome.fate is Fate.UNCERTAIN:
        return f"It may have been taken, for no answer came {where}. {outcome.text}", (
            "Look whether it arrives. A copy of an issue would be counted as in doubt."
        )
    if verdict is None:
        return f"It was not handed over: the conversation ended {where}. {outcome.text}", (
            "Nothing was sent. A copy of an issue would be tried again, by itself."
        )
    verb = "put off" if verdict.kind is VerdictKind.DEFERRED else "refused"
    return f"It was {verb} {where}: {outcome.text}", _MEANINGS[verdict.kind]


def to_json(trial: Trial) -> dict[str, Any]:
    """The whole result, for programs."""
    known, outcome = trial.known, trial.outcome
    tls = known.protection
    return {
        "works": trial.works,
        "failure": trial.failure or None,
        "failed_at": trial.failed_at.value if trial.failed_at else None,
        "greeting": str(known.greeting) if known.greeting else None,
        "offers": [name for name, _ in offers(known.offered)] if known.offered else [],
        "tls": tls
        and {
            "version": tls.version,
            "cipher": tls.cipher,
            "subject": tls.subject,
            "expires_at": tls.expires_at.isoformat() if tls.expires_at else None,
        },
        "round_trip": round(known.round_trip, 4) if known.offered else None,
        "pipelining": trial.grouping.value if trial.grouping else None,
        "mail": outcome
        and {
            "fate": outcome.fate.value,
            "phase": outcome.phase.value,
            "reply": str(outcome.reply) if outcome.reply else None,
            "words": fate(outcome)[0],
        },
    }
