"""The command line: every command takes ``--json`` and then prints exactly one JSON document."""

from flask import Flask

from mailer.cli.campaigns import campaigns_group
from mailer.cli.contacts import contacts
from mailer.cli.database import database
from mailer.cli.days import days
from mailer.cli.demo import demo
from mailer.cli.domains import domains
from mailer.cli.library import library
from mailer.cli.network import network
from mailer.cli.newsletters import newsletters
from mailer.cli.operators import operators_group
from mailer.cli.receipts import receipts
from mailer.cli.relays import relays
from mailer.cli.schedules import schedules_group
from mailer.cli.secrets import secrets
from mailer.cli.serve import serve

_COMMANDS = (
    campaigns_group,
    contacts,
    database,
    days,
    demo,
    domains,
    library,
    network,
    newsletters,
    operators_group,
    receipts,
    relays,
    schedules_group,
    secrets,
    serve,
)


def add_commands(app: Flask) -> None:
    """Put every group and command on the application."""
    for command in _COMMANDS:
        app.cli.add_command(command)
