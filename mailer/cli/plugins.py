"""Commands that libraries bring by themselves, switched off: none is in the audit."""

from importlib.metadata import entry_points
from typing import Final

import click
from flask.cli import cli as flask_command

_GROUP: Final = "flask.commands"


def switch_off() -> None:
    """Take plug-ins off ``flask``; one that is being called just now ends here.

    Flask finds them before it loads any application, so that none of ours could stand before them.
    """
    names = {each.name for each in entry_points(group=_GROUP)}
    for name in names:
        flask_command.commands.pop(name, None)
    context = click.get_current_context(silent=True)
    while context is not None and context.parent is not None:
        if context.parent.command is flask_command and context.info_name in names:
            raise click.UsageError(f"No such command '{context.info_name}'.", context.parent)
        context = context.parent
