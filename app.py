"""The web door: ``create_app`` wires the mailer to Flask. ``flask …`` finds it here by itself."""

from flask import Flask

from mailer.bootstrap import Mailer, bootstrap
from mailer.cli import add_commands
from mailer.errors import MailerError
from mailer.receipts.spool import SpoolWriter
from mailer.web.hooks.links import LinkTable
from mailer.web.hooks.tracking import tracking


def create_app(mailer: Mailer | None = None) -> Flask:
    """The application for ``mailer``, or for the settings of the environment."""
    try:
        mailer = mailer or bootstrap()
    except MailerError as error:
        raise SystemExit(str(error)) from None
    app = Flask(__name__)
    app.extensions["mailer"] = mailer
    add_commands(app)
    app.wsgi_app = tracking(  # type: ignore[assignment,method-assign]  # Flask's own way to add a layer
        app.wsgi_app,
        tokens=mailer.tokens,
        spool=SpoolWriter(mailer.settings.spool_dir),
        links=LinkTable(mailer.database),
    )
    return app
