"""The web door: ``create_app`` wires the mailer to Flask. ``flask …`` finds it here by itself.

``create_gateway`` puts the application behind the front door, as the web server serves it.
"""

from typing import TYPE_CHECKING

from flask import Flask

from mailer import logs
from mailer.bootstrap import Mailer, bootstrap
from mailer.cli import add_commands, is_asked_for_commands
from mailer.errors import MailerError

if TYPE_CHECKING:
    from mailer.web.front.gateway import Gateway


def create_app(mailer: Mailer | None = None) -> Flask:
    """The application for ``mailer``, or for the settings of the environment.

    For a command of ours it has no pages: none needs them, and they take long to import.
    """
    of_a_command = mailer is None and is_asked_for_commands()
    if mailer is None:  # it is this process's own: a command, or the web server
        logs.configure()
    try:
        mailer = mailer or bootstrap()
    except MailerError as error:
        raise SystemExit(str(error)) from None
    app = Flask(__name__, static_folder="mailer/web/static")
    add_commands(app)
    if of_a_command:
        app.extensions["mailer"] = mailer
        return app
    from mailer.web.assembly import assemble  # noqa: PLC0415  # the pages, where they are needed

    assemble(app, mailer)
    return app


def create_gateway() -> "Gateway":
    """What the web server calls: the application, and in front of it what takes requests in."""
    from mailer.web.assembly import gateway  # noqa: PLC0415  # the pages, where they are needed

    return gateway(create_app())
