"""The web door: ``create_app`` wires the mailer to Flask. ``flask …`` finds it here by itself."""

from flask import Flask

from mailer.bootstrap import Mailer, bootstrap
from mailer.cli import add_commands
from mailer.errors import MailerError
from mailer.web.assembly import assemble


def create_app(mailer: Mailer | None = None) -> Flask:
    """The application for ``mailer``, or for the settings of the environment."""
    try:
        mailer = mailer or bootstrap()
    except MailerError as error:
        raise SystemExit(str(error)) from None
    app = Flask(__name__, static_folder="mailer/web/static")
    add_commands(app)
    assemble(app, mailer)
    return app
