"""The web door: ``create_app`` wires the mailer to Flask. ``flask …`` finds it here by itself."""

from flask import Flask

from mailer.bootstrap import Mailer, bootstrap
from mailer.cli import add_commands
from mailer.errors import MailerError
from mailer.receipts.tracking.spool import SpoolWriter
from mailer.web import (
    admin,
    api,
    auth,
    errors,
    health,
    metrics,
    policy,
    public,
    security,
    shell,
    transactions,
)
from mailer.web.hooks import providers
from mailer.web.hooks.links import LinkTable
from mailer.web.hooks.tracking import tracking


def create_app(mailer: Mailer | None = None) -> Flask:
    """The application for ``mailer``, or for the settings of the environment."""
    try:
        mailer = mailer or bootstrap()
    except MailerError as error:
        raise SystemExit(str(error)) from None
    app = Flask(__name__, static_folder="mailer/web/static")
    app.extensions["mailer"] = mailer
    app.config["MAX_CONTENT_LENGTH"] = 200 * 1024 * 1024
    app.config["MAX_FORM_MEMORY_SIZE"] = 4 * 1024 * 1024
    add_commands(app)
    transactions.commit_at_the_end(app)
    auth.set_up(app, mailer)
    policy.guard(app, {**api.DOORS, **metrics.DOORS})
    security.add_headers(app)
    shell.add_template_globals(app)
    errors.handle(app)
    blueprints = (
        health.blueprint,
        metrics.blueprint,
        providers.blueprint,
        *admin.BLUEPRINTS,
        *api.BLUEPRINTS,
        *public.BLUEPRINTS,
    )
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    app.wsgi_app = tracking(  # type: ignore[assignment,method-assign]  # Flask's own way
        app.wsgi_app,
        tokens=mailer.tokens,
        spool=SpoolWriter(mailer.settings.spool_dir),
        links=LinkTable(mailer.database),
    )
    return app
