"""Relays as admins see and set them: their order, their speed, their faults.

Workers read them once a second, so a change takes effect at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts import audit
from contacts.actors import Actor
from contacts.models import AuditEntry
from mailer.domains import standing
from mailer.domains.routes import in_use
from mailer.errors import FormError, NotAllowed, NotFound
from mailer.models import Relay
from mailer.relays.form import Problems, RelayDetails, RelayForm, speed_of
from mailer.security.vault import Vault
from mailer.settings.environment import Settings
from mailer.settings.relay_address import TlsMode

LIMITS: Final = ("per_second", "per_hour", "per_day")
_REMOVED: Final = "relay removed"
_ADDRESS: Final = frozenset({"host", "port", "tls", "verify", "username", "password"})
_PART_OF_DOMAIN_CHECKS: Final = frozenset(
    {"host", "return_domain"}
)  # changes of these need new checks of domains


class State(StrEnum):
    """The state of a relay at one time."""

    WORKS = "works"
    RESTS = "resting"  # it failed, and is not used until ``try_again_at``
    RETRY = "trying again"  # it failed, and ``try_again_at`` has passed
    LOCKED = "locked"  # its password was sealed under another SECRET_KEY: it is passed over
    OFF = "off"
    ASIDE = "aside"  # the catcher, while any other relay is on


@dataclass(frozen=True, slots=True)
class ListedRelay:
    """A relay and how it stands; ``asked_for`` is a speed it asked for, lower than the one set."""

    relay: Relay
    host: str
    state: State
    asked_for: float | None

    def to_json(self) -> dict[str, Any]:
        """The relay for programs, without any secret."""
        relay = self.relay
        again_at = relay.try_again_at if self.state is State.RESTS else None
        return {
            "id": relay.id,
            "name": relay.name,
            "position": relay.position,
            "from_environment": relay.from_environment,
            "on": relay.enabled,
            "state": self.state.value,
            "trouble": relay.trouble,
            "try_again_at": again_at.isoformat() if again_at else None,
            "host": self.host,
            "port": None if relay.from_environment else relay.port,
            "tls": None if relay.from_environment else relay.tls.value,
            "username": relay.username,
            "return_domain": relay.return_domain,
            "per_second": relay.per_second,
            "slowed_to": self.asked_for,
            "per_hour": relay.per_hour,
            "per_day": relay.per_day,
            "connections": relay.connections,
        }


def listing(session: Session, settings: Settings, *, now: datetime) -> list[ListedRelay]:
    """Every relay in the order of preference."""
    used = {relay.id for relay in in_use(session, catching=settings.catching)}
    rows = session.scalars(select(Relay).order_by(Relay.position, Relay.id))
    return [_listed(relay, settings, used=relay.id in used, now=now) for relay in rows]


def listed(session: Session, relay_id: int, settings: Settings, *, now: datetime) -> ListedRelay:
    """One relay as in ``listing``; NotFound when there is none."""
    found = find(session, relay_id)
    return next(each for each in listing(session, settings, now=now) if each.relay is found)


def find(session: Session, relay_id: int) -> Relay:
    """The relay with this id; NotFound when there is none."""
    relay = session.get(Relay, relay_id)
    if relay is None:
        raise NotFound("There is no such relay.")
    return relay


def problems(session: Session, details: RelayDetails, relay: Relay | None = None) -> Problems:
    """The problems of these details: pairs of a field and a sentence."""
    return _check(session, details, relay).problems


def add(
    session: Session, details: RelayDetails, *, vault: Vault, actor: Actor, now: datetime
) -> Relay:
    """A relay at the end of the order. It is off: it can be tested before it is used."""
    rows = _in_order(session)
    checked = _check(session, details, None)
    _refuse(checked)
    relay = Relay(
        id=_unused_id(session, rows),
        **checked.values,
        position=len(rows),
        enabled=False,
        from_environment=False,
        sealed_password=vault.seal(checked.password) if checked.password else None,
        failures=0,
        refused=False,
        created_at=now,
        updated_at=now,
    )
    session.add(relay)
    _audit(session, relay, "relay added", {"host": relay.host}, actor=actor, now=now)
    session.flush()
    return relay


def edit(
    session: Session,
    relay_id: int,
    details: RelayDetails,
    *,
    vault: Vault,
    actor: Actor,
    now: datetime,
) -> None:
    """Change a relay. Another address clears its failures, another speed what it asked for."""
    relay = _locked(session, relay_id)
    checked = _check(session, details, relay)
    _refuse(checked)
    before = {name: getattr(relay, name) for name in checked.values}
    changed = {name for name, value in checked.values.items() if value != before[name]}
    for name in changed:
        setattr(relay, name, checked.values[name])
    if not relay.from_environment:
        if checked.password:
            relay.sealed_password = vault.seal(checked.password)
            changed.add("password")
        elif not relay.username:
            relay.sealed_password = None
    if not changed:
        return
    relay.updated_at = now
    if changed & _ADDRESS:
        relay.recovered()
        relay.unhurried()
    if "per_second" in changed:
        relay.unhurried()
    if changed & _PART_OF_DOMAIN_CHECKS:
        standing.forget_all(session)
    detail = {
        name: [_plain_value(before[name]), _plain_value(checked.values[name])]
        for name in changed & {*before}
    }
    if "password" in changed:
        detail["password"] = ["", "changed"]
    _audit(session, relay, "relay changed", detail, actor=actor, now=now)


def set_speed(session: Session, relay_id: int, speed: str, *, actor: Actor, now: datetime) -> Relay:
    """Messages a second, as typed; nothing is as fast as it goes."""
    relay = _locked(session, relay_id)
    try:
        wanted = speed_of(speed)
    except ValueError as error:
        raise FormError([("per_second", str(error))]) from None
    detail = {"per_second": [relay.per_second, wanted]}
    relay.per_second, relay.updated_at = wanted, now
    relay.unhurried()
    _audit(session, relay, "relay changed", detail, actor=actor, now=now)
    return relay


def limit(
    session: Session,
    relay_id: int,
    limits: Mapping[str, str],
    *,
    vault: Vault,
    actor: Actor,
    now: datetime,
) -> None:
    """Set those of ``LIMITS`` that are given, as typed; the others stay."""
    relay = _locked(session, relay_id)
    kept = RelayDetails.of(relay)
    wanted = replace(
        kept,
        per_second=limits.get("per_second", kept.per_second),
        per_hour=limits.get("per_hour", kept.per_hour),
        per_day=limits.get("per_day", kept.per_day),
    )
    edit(session, relay_id, wanted, vault=vault, actor=actor, now=now)


def move(session: Session, relay_id: int, *, up: bool, actor: Actor, now: datetime) -> Relay:
    """One place up or down in the order; at its end it stays."""
    place_now = [row.id for row in _in_order(session)].index(find(session, relay_id).id)
    return place(session, relay_id, place_now + (-1 if up else 1), actor=actor, now=now)


def place(session: Session, relay_id: int, to: int, *, actor: Actor, now: datetime) -> Relay:
    """Give a relay its place in the order, from 0; beyond the end is the end."""
    relay = find(session, relay_id)
    rows = list(_in_order(session))
    was, to = rows.index(relay), max(0, min(len(rows) - 1, to))
    rows.insert(to, rows.pop(was))
    for position, row in enumerate(rows):
        row.position = position
    if to != was:
        _audit(session, relay, "relay moved", {"place": [was, to]}, actor=actor, now=now)
    return relay


def switch(
    session: Session,
    relay_id: int,
    *,
    on: bool,
    settings: Settings,
    actor: Actor,
    now: datetime,
) -> Relay:
    """Switch a relay on or off."""
    relay = _locked(session, relay_id)
    if relay.from_environment and settings.catching and not on:
        raise NotAllowed("The catcher steps aside by itself as soon as another relay is on.")
    relay.enabled, relay.updated_at = on, now
    if on:
        relay.recovered()
    standing.forget_all(session)
    act = "relay switched on" if on else "relay switched off"
    _audit(session, relay, act, {}, actor=actor, now=now)
    return relay


def remove(session: Session, relay_id: int, *, actor: Actor, now: datetime) -> str:
    """Delete a relay; gives its name. Deliveries that it carried keep its number."""
    relay = _locked(session, relay_id)
    if relay.from_environment:
        raise NotAllowed("This relay comes from SMTP_URL: take it out there, or switch it off.")
    _audit(session, relay, _REMOVED, {"host": relay.host}, actor=actor, now=now)
    session.delete(relay)
    standing.forget_all(session)
    return relay.name


def _check(session: Session, details: RelayDetails, relay: Relay | None) -> RelayForm:
    others = select(Relay.name).where(Relay.id != (relay.id if relay else 0))
    return RelayForm(details, relay=relay, taken=set(session.scalars(others)))


def _refuse(checked: RelayForm) -> None:
    if checked.problems:
        raise FormError(checked.problems)


def _in_order(session: Session) -> Sequence[Relay]:
    # Locked in the same order by everybody who changes it.
    query = select(Relay).order_by(Relay.position, Relay.id).with_for_update()
    return session.scalars(query).all()


def _locked(session: Session, relay_id: int) -> Relay:
    find(session, relay_id)
    return session.get_one(Relay, relay_id, with_for_update=True)


def _unused_id(session: Session, rows: Sequence[Relay]) -> int:
    # SQLite would give the number of a removed relay again, and deliveries still name that one.
    gone = session.scalars(select(AuditEntry.subject).where(AuditEntry.act == _REMOVED))
    return 1 + max([0, *(row.id for row in rows), *(each.id for each in gone)])


def _listed(relay: Relay, settings: Settings, *, used: bool, now: datetime) -> ListedRelay:
    speed = relay.speed(now)
    asked_for = speed if speed != relay.per_second else None
    host = settings.relay.host if relay.from_environment else relay.host
    sealed = relay.sealed_password
    locked = sealed is not None and not Vault(settings.secret).opens(sealed)
    state = _state(relay, used=used, locked=locked, now=now)
    return ListedRelay(relay, host, state, asked_for)


def _state(relay: Relay, *, used: bool, locked: bool, now: datetime) -> State:
    if not relay.enabled:
        return State.OFF
    if locked:
        return State.LOCKED
    if not used:
        return State.ASIDE
    if relay.try_again_at is not None and relay.try_again_at > now:
        return State.RESTS
    return State.RETRY if relay.failures else State.WORKS


def _plain_value(value: object) -> object:
    return value.value if isinstance(value, TlsMode) else value


def _audit(
    session: Session,
    relay: Relay,
    act: str,
    detail: dict[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    detail = {"name": relay.name, **detail}
    audit.write(session, act, "relay", relay.id, actor=actor, now=now, **detail)
