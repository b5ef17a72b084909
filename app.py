"""The web door: ``create_app`` wires the mailer to Flask. ``flask …`` finds it here by itself.

``create_gateway`` puts the application behind the front door, as the web server serves it.
"""

from flask import Flask

from mailer import logs
from mailer.bootstrap import Mailer, bootstrap
from mailer.cli import add_commands
from mailer.errors import MailerError
from mailer.web.assembly import assemble, gateway
from mailer.web.front.gateway import Gateway


def create_app(mailer: Mailer | None = None) -> Flask:
    """The application for ``mailer``, or for the settings of the environment."""
    if mailer is None:  # it is this process's own: a command, or the web server
        logs.configure()
    try:
        mailer = mailer or bootstrap()
    except MailerError as error:
        raise SystemExit(str(error)) from None
    app = Flask(__name__, static_folder="mailer/web/static")
    add_commands(app)
    assemble(app, mailer)
    return app


def create_gateway() -> Gateway:
    """What the web server calls: the application, and in front of it what takes requests in."""
    return gateway(create_app())
