"""The command line: every command takes ``--json`` and then prints exactly one JSON document.

A command is imported when it is called: most of them need little of what the others do.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Final

import click
from flask import Flask
from flask.cli import AppGroup

# The name of a command, and what it is: its module, and its name there.
_COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "campaigns": ("campaigns", "campaigns_group"),
    "contacts": ("contacts", "contacts"),
    "database": ("database", "database"),
    "days": ("days", "days"),
    "demo": ("demo", "demo"),
    "domains": ("domains", "domains"),
    "library": ("library", "library"),
    "network": ("network", "network"),
    "newsletters": ("newsletters", "newsletters"),
    "operators": ("operators", "operators_group"),
    "receipts": ("receipts", "receipts"),
    "relays": ("relays", "relays"),
    "schedules": ("schedules", "schedules_group"),
    "secrets": ("secrets", "secrets"),
    "serve": ("serve", "serve"),
}


class CampaignsGroup(AppGroup):
    """``flask campaigns``, of which ``status`` is a module of its own, imported by itself."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all of them."""
        return self._all().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, imported now."""
        if cmd_name == "status":
            return _imported("campaign_status", "campaign_status")
        return self._all().get_command(ctx, cmd_name)

    def _all(self) -> click.Group:
        found = _imported("campaigns", "campaigns_group")
        assert isinstance(found, click.Group)
        return found


class CommandGroup(AppGroup):
    """Our groups and commands, and none of a library."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names."""
        del ctx
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, imported now."""
        del ctx
        if cmd_name == "campaigns":
            return CampaignsGroup(cmd_name, help="Issues and their sending.")
        return _imported(*_COMMANDS[cmd_name]) if cmd_name in _COMMANDS else None


def _imported(module: str, name: str) -> click.Command:
    command: click.Command = getattr(import_module(f"mailer.cli.{module}"), name)
    return command


def add_commands(app: Flask) -> None:
    """Put every group and command on the application."""
    app.cli = CommandGroup(app.name)


def is_asked_for_commands() -> bool:
    """Whether ``flask`` looks for a command now, not yet for the pages that one may need."""
    context = click.get_current_context(silent=True)
    return context is not None and context.parent is None
