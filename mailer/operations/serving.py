"""``flask serve``: web, worker, catcher and listener as one command that stops as one."""

import asyncio
import os
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Final

import click
from sqlalchemy import select

from contacts.actors import COMMAND
from mailer import migrations
from mailer.accounts import operators, sign_in_links
from mailer.bootstrap import Mailer
from mailer.demo import network
from mailer.errors import SettingsError
from mailer.models import Operator, Power
from mailer.settings.environment import ROOT, Settings
from mailer.settings.listen_address import ListenAddress
from mailer.smtpd import server
from mailer.supervision import Supervisor

_TRIAL_OPERATOR: Final = ("asha.singh@network.example", "Asha Singh")


def serve(mailer: Mailer, *, with_demo: bool) -> None:
    """Prepare the database, start everything and supervise it until a signal stops it.

    ``with_demo`` fills an empty database with the demo network and prints a link to sign in.
    """
    settings = mailer.settings
    _check_addresses(mailer)
    _prepare_database(mailer, upgrade=with_demo or mailer.database.is_sqlite)
    if with_demo:
        network.load(mailer)
    link = _sign_in_link(mailer) if with_demo else ""
    has_operator = bool(link) or _has_operator(mailer)
    mailer.database.dispose()

    environment = {**os.environ, "DATA_DIR": str(settings.data_dir.resolve())}
    supervisor = Supervisor(folder=ROOT, environment=environment)
    if settings.catching:
        supervisor.add(
            "catcher",
            "-m",
            "mailer.smtpd.catcher",
            str(settings.catcher_port),
            str(settings.caught_dir),
        )
    if settings.bounce_listen:
        supervisor.add("listener", "-m", "mailer.receipts.incoming.listener")
    supervisor.add("worker", "worker.py")
    supervisor.add("web", "-m", "mailer.web.server")
    supervisor.start()
    supervisor.run(
        once=lambda: _web_is_up(settings),
        then=lambda: _announce(settings, link=link, has_operator=has_operator),
    )


def _web_is_up(settings: Settings) -> bool:
    try:
        asyncio.run(_connect(settings.host, settings.port))
    except OSError:
        return False
    return True


async def _connect(host: str, port: int) -> None:
    _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), 1)
    writer.close()


def _announce(settings: Settings, *, link: str, has_operator: bool) -> None:
    """Print the addresses, once the web server is up."""
    click.echo(f"\n  Circular is at   {settings.site}")
    if link:
        click.echo(f"  Sign in once at  {link}")
    if not has_operator:
        click.echo("  Nobody can sign in yet: run 'flask operators create EMAIL --role admin'.")
    if settings.catching:
        click.echo("  Mail is being caught here, nobody outside receives it. Set SMTP_URL to send.")
    if settings.bounce_listen:
        click.echo(f"  Bounces are awaited at {settings.bounce_listen}")
    if settings.bounce_mailbox:
        click.echo(f"  Bounces are fetched from the mailbox at {settings.bounce_mailbox}")
    click.echo("  Stop with Ctrl-C.\n")
    sys.stdout.flush()


def _prepare_database(mailer: Mailer, *, upgrade: bool) -> None:
    engine = mailer.database.engine
    if not migrations.is_behind(engine):
        return
    if not upgrade:
        raise SettingsError(
            "The database is behind this version: run 'flask database upgrade' first."
        )
    migrations.upgrade(engine)


def _check_addresses(mailer: Mailer) -> None:
    settings = mailer.settings
    wanted = [(ListenAddress(settings.host, settings.port), "PORT")]
    if settings.catching:
        wanted.append((ListenAddress("127.0.0.1", settings.catcher_port), "PORT"))
    if settings.bounce_listen:
        wanted.append((settings.bounce_listen, "BOUNCE_LISTEN"))
    asyncio.run(_try_to_listen(wanted))


async def _try_to_listen(wanted: Sequence[tuple[ListenAddress, str]]) -> None:
    # All at once, so that two equal addresses of our own are found too.
    async with AsyncExitStack() as held:
        for address, setting in wanted:
            try:
                await held.enter_async_context(server.listening(address, asyncio.Protocol))
            except OSError as error:
                name = address.path or f"Port {address.port} on {address.host}"
                raise SettingsError(
                    f"{name} cannot be used ({server.why(error)}): stop what is using it, or "
                    f"choose another with {setting}."
                ) from None


def _sign_in_link(mailer: Mailer) -> str:
    email, name = _TRIAL_OPERATOR
    with mailer.database.writing() as session:
        operator = session.scalar(
            select(Operator).where(Operator.active).order_by(Operator.id).limit(1)
        )
        now = mailer.clock()
        if operator is None:
            operator = operators.create(
                session, email=email, name=name, power=Power.ADMIN, actor=COMMAND, now=now
            )
        secret = sign_in_links.make(session, operator, actor=COMMAND, now=now)
    return f"{mailer.settings.site}/login/{secret}"


def _has_operator(mailer: Mailer) -> bool:
    with mailer.database.reading() as session:
        return session.scalar(select(Operator.id).where(Operator.active).limit(1)) is not None
