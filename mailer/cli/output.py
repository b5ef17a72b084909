"""What every command has: its errors as sentences, its answer as JSON, the mailer it works on."""

import json
import re
import sqlite3
from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Final

import click
from flask import current_app

from contacts.database import AWAY
from contacts.disk import is_full
from contacts.errors import ContactsError
from mailer import migrations
from mailer.bootstrap import Mailer
from mailer.errors import DocumentError, FormError, MailerError, Problem, SettingsError

_FULL: Final = (
    "The disk is full, so this was not finished. Nothing that was there before is lost: make room, "
    "then run the command again."
)
_AWAY: Final = (
    "The database does not answer, or somebody else has been writing to it for long, so this was "
    "not finished: see that it runs, then run the command again."
)
# What a row can have for a number, in either database.
ROW_NUMBER: Final = click.IntRange(min=1, max=2**63 - 1)
_UNFIT: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


def sentences(command: Callable[..., Any]) -> Callable[..., Any]:
    """Errors a person can act on end the command with one sentence and status 1.

    So does text that no database keeps: control characters, and octets that are no UTF-8, which
    Python hands over as halves of surrogate pairs.
    """

    def with_sentences(*args: Any, **kwargs: Any) -> Any:
        for name, value in kwargs.items():
            if isinstance(value, str) and _UNFIT.search(value):
                raise click.ClickException(
                    f"Write {name.replace('_', ' ')} again: it has control characters in it, or "
                    "letters that are not UTF-8."
                )
        try:
            return command(*args, **kwargs)
        except DocumentError as error:
            raise click.ClickException("\n".join(map(_problem_line, error.problems))) from None
        except FormError as error:
            sentences = (sentence for _, sentence in error.problems)
            raise click.ClickException("\n".join(sentences)) from None
        except (MailerError, ContactsError) as error:
            raise click.ClickException(str(error)) from None
        except (*AWAY, OSError, sqlite3.Error) as error:
            if is_full(error):
                raise click.ClickException(_FULL) from None
            if isinstance(error, AWAY):
                raise click.ClickException(_AWAY) from None
            raise

    return update_wrapper(with_sentences, command)


def _problem_line(problem: Problem) -> str:
    return f"{problem} (block id: {problem.block})" if problem.block else str(problem)


def mailer() -> Mailer:
    """The mailer of the application this command runs in."""
    found: Mailer = current_app.extensions["mailer"]
    return found


def ready() -> Mailer:
    """The same, when its database is up to date; a new SQLite file is given its tables first."""
    found = mailer()
    if found.database.is_sqlite and migrations.current(found.database.engine) is None:
        migrations.upgrade(found.database.engine)
    if migrations.is_behind(found.database.engine):
        raise SettingsError("The database is not up to date: run 'flask database upgrade' first.")
    return found


def say(as_json: bool, document: dict[str, Any], text: str) -> None:
    """The answer, for a program or for a person."""
    click.echo(json.dumps(document) if as_json else text)
