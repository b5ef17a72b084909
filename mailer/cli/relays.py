"""``flask relays``: where mail is handed over, and how fast."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from contacts.actors import COMMAND
from mailer.cli.output import ROW_NUMBER, as_json, ready, say, sentences
from mailer.clock import moment_words
from mailer.errors import NotAllowed, NotFound
from mailer.network.details import zone
from mailer.relays import probe_report, registry, testing
from mailer.relays.form import RelayDetails, plain
from mailer.relays.probe import Trial
from mailer.relays.registry import ListedRelay, State
from mailer.security.vault import Vault
from mailer.settings.relay_address import TlsMode

relays = AppGroup("relays", help="Where mail is handed over, and how fast.")
_NONE = "none"


def _details(command: Any) -> Any:
    """The options that a relay is described by; one that is not named stays as it is."""
    options = (
        click.option("--name", help="What you call it."),
        click.option("--host", help="Its host name."),
        click.option("--port", help="587 where nobody says otherwise."),
        click.option("--tls", type=click.Choice([mode.value for mode in TlsMode])),
        click.option("--verify/--no-verify", default=None, help="Check its certificate."),
        click.option("--user", "username", help="'none' for none."),
        click.option("--ask-password", is_flag=True, help="Ask for the password, hidden."),
        click.option(
            "--password-file",
            type=click.Path(dir_okay=False, path_type=Path),
            help="A file whose first line is the password.",
        ),
        click.option("--return-domain", help="The domain of return paths; 'none' for none."),
        click.option("--speed", "per_second", help="Messages a second; 'none' for as they come."),
        click.option("--per-hour", help="A limit of the provider; 'none' for none."),
        click.option("--per-day", help="A limit of the provider; 'none' for none."),
        click.option("--connections", help="At most, of all workers together."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@relays.command("list")
@as_json
@sentences
def list_relays(as_json: bool) -> None:
    """Every relay in the order they are used in."""
    here = ready()
    with here.database.reading() as session:
        rows = registry.listing(session, here.settings, now=here.clock())
    document = {"relays": [row.to_json() for row in rows]}
    say(as_json, document, "\n".join(map(_relay_line, rows)))


@relays.command("add")
@click.option("--on", is_flag=True, help="Use it at once; else it is off.")
@_details
@as_json
@sentences
def add(on: bool, as_json: bool, **typed: Any) -> None:
    """Add a relay at the end of the order."""
    here = ready()
    details = _typed(RelayDetails(port="587"), **typed)
    vault = Vault(here.settings.secret)
    with here.database.writing() as session:
        made = registry.add(session, details, vault=vault, actor=COMMAND, now=here.clock())
        if on:
            registry.switch(
                *(session, made.id),
                on=True,
                settings=here.settings,
                actor=COMMAND,
                now=here.clock(),
            )
        relay_id = made.id
    _say_one(relay_id, as_json)


@relays.command("edit")
@click.argument("relay_id", type=ROW_NUMBER)
@click.option("--on/--off", "on", default=None, help="Use it, or no more.")
@click.option("--position", type=click.IntRange(1), help="Its place in the order, from 1.")
@_details
@as_json
@sentences
def edit(relay_id: int, on: bool | None, position: int | None, as_json: bool, **typed: Any) -> None:
    """Change what is named, and leave the rest as it is."""
    here = ready()
    with here.database.reading() as session:
        before = RelayDetails.of(registry.find(session, relay_id))
    details = _typed(before, **typed)  # it may ask for a password: no transaction is open
    with here.database.writing() as session:
        now = here.clock()
        vault = Vault(here.settings.secret)
        if details != before:
            registry.edit(session, relay_id, details, vault=vault, actor=COMMAND, now=now)
        if on is not None:
            registry.switch(
                session, relay_id, on=on, settings=here.settings, actor=COMMAND, now=now
            )
        if position is not None:
            registry.place(session, relay_id, position - 1, actor=COMMAND, now=now)
    _say_one(relay_id, as_json)


@relays.command("speed")
@click.argument("relay_id", type=ROW_NUMBER)
@click.argument("per_second")
@as_json
@sentences
def speed(relay_id: int, per_second: str, as_json: bool) -> None:
    """Set the speed in messages a second; 'none' is as fast as it goes."""
    here = ready()
    wanted = "" if per_second.lower() == _NONE else per_second
    if not wanted and per_second.lower() != _NONE:
        raise NotAllowed("Write a speed, or 'none' for as fast as it goes.")
    with here.database.writing() as session:
        registry.set_speed(session, relay_id, wanted, actor=COMMAND, now=here.clock())
    _say_one(relay_id, as_json)


@relays.command("test")
@click.argument("relay_id", type=ROW_NUMBER)
@click.option("--to", default="", help="Send a test mail to this address.")
@click.option("--newsletter", default="", help="Whose sender it comes from; the first one's.")
@as_json
@sentences
def test(relay_id: int, to: str, newsletter: str, as_json: bool) -> None:
    """Talk to a relay, at most twenty seconds; status 0 only if it works."""
    trial = testing.try_out(ready(), relay_id, to=to, newsletter=newsletter, actor=COMMAND)
    say(as_json, probe_report.to_json(trial), "\n".join(_seen(trial, _zone())))
    if not trial.works:
        raise SystemExit(1)


@relays.command("remove")
@click.argument("relay_id", type=ROW_NUMBER)
@as_json
@sentences
def remove(relay_id: int, as_json: bool) -> None:
    """Forget a relay and its password; what it carried stays in the reports."""
    here = ready()
    with here.database.writing() as session:
        name = registry.remove(session, relay_id, actor=COMMAND, now=here.clock())
    say(as_json, {"id": relay_id, "removed": True}, f"{name} is removed.")


def _zone() -> str:
    with ready().database.reading() as session:
        return zone(session)


def _seen(trial: Trial, zone: str) -> Iterator[str]:
    known = trial.known
    if known.greeting:
        yield f"It greets us: {known.greeting}"
    if tls := known.protection:
        until = f", good until {moment_words(tls.expires_at, zone)}" if tls.expires_at else ""
        yield f"TLS: {tls.version}, {tls.cipher}; {tls.subject}{until}"
    if known.offered:
        yield f"Round trip: {1000 * known.round_trip:.1f} ms"
        for name, meaning in probe_report.offers(known.offered):
            yield f"  {name}: {meaning}"
    if trial.grouping:
        yield f"Pipelining: {probe_report.pipelining_mode(trial)}"
    if trial.failure:
        yield from probe_report.failure(trial)
    elif trial.outcome:
        yield from probe_report.fate(trial.outcome)
    else:
        yield "It lets us in. No mail was sent."


def _typed(
    before: RelayDetails,
    *,
    ask_password: bool,
    password_file: Path | None,
    **options: Any,
) -> RelayDetails:
    named: dict[str, Any] = {
        name: "" if word == _NONE and name != "tls" else word
        for name, word in options.items()
        if word is not None
    }
    if password_file is not None:
        named["password"] = _first_line(password_file)
    elif ask_password:
        named["password"] = click.prompt("Password", hide_input=True, err=True)
    return dataclasses.replace(before, **named)


def _first_line(path: Path) -> str:
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise NotFound(f"{path} cannot be read.") from None
    return lines[0] if lines else ""


def _say_one(relay_id: int, as_json: bool) -> None:
    here = ready()
    with here.database.reading() as session:
        row = registry.listed(session, relay_id, here.settings, now=here.clock())
    say(as_json, row.to_json(), _relay_line(row))


def _relay_line(row: ListedRelay) -> str:
    relay = row.relay
    speed = plain(relay.per_second)
    line = f"{relay.id}  {relay.name} ({row.host}): {row.state}, " + (
        f"{speed} messages a second" if speed else "as fast as it goes"
    )
    if row.state in {State.RESTS, State.RETRY} and relay.trouble:
        line += f"\n   {relay.trouble}"
    if row.state is State.LOCKED:
        line += "\n   Its password was sealed under another SECRET_KEY: see 'flask secrets rotate'."
    return line
