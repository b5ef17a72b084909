"""The command line: every command takes ``--json`` and then prints exactly one JSON document."""

import click
from flask import Flask

from mailer import logs
from mailer.cli.campaigns import campaigns_group
from mailer.cli.contacts import contacts
from mailer.cli.database import database
from mailer.cli.demo import demo
from mailer.cli.domains import domains
from mailer.cli.newsletters import newsletters
from mailer.cli.operators import operators_group
from mailer.cli.receipts import receipts
from mailer.cli.relays import relays
from mailer.cli.secrets import secrets
from mailer.cli.serve import serve

_COMMANDS = (
    campaigns_group,
    contacts,
    database,
    demo,
    domains,
    newsletters,
    operators_group,
    receipts,
    relays,
    secrets,
    serve,
)


def _log_to_stderr() -> None:
    # Only where a command runs: an application that is made for something else logs as that does.
    if click.get_current_context(silent=True) is not None:
        logs.configure()


def add_commands(app: Flask) -> None:
    """Put every group and command on the application."""
    _log_to_stderr()
    for command in _COMMANDS:
        app.cli.add_command(command)
