"""``flask serve``: everything in one command."""

import click
from flask.cli import with_appcontext

from mailer.cli.output import mailer, sentences
from mailer.operations.serving import serve as serve_everything


@click.command("serve")
@click.option("--demo", "with_demo", is_flag=True, help="Fill an empty database to try it out.")
@with_appcontext
@sentences
def serve(with_demo: bool) -> None:
    """Start the web, a worker and, without SMTP_URL, the catcher; stop them with Ctrl-C."""
    serve_everything(mailer(), with_demo=with_demo)
