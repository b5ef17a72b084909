"""The web door put together: what every request passes, and the pages behind it."""

from flask import Flask

from mailer.bootstrap import Mailer
from mailer.receipts.tracking.spool import SpoolWriter
from mailer.web import (
    admin,
    api,
    auth,
    errors,
    health,
    metrics,
    numbers,
    policy,
    public,
    security,
    sessions,
    shell,
    transactions,
)
from mailer.web.hooks import providers
from mailer.web.hooks.links import LinkTable
from mailer.web.hooks.tracking import tracking

_BLUEPRINTS = (
    health.blueprint,
    metrics.blueprint,
    providers.blueprint,
    *admin.BLUEPRINTS,
    *api.BLUEPRINTS,
    *public.BLUEPRINTS,
)


def assemble(app: Flask, mailer: Mailer) -> None:
    """Give ``app`` its pages, its hooks and its guards, all of them working on ``mailer``."""
    app.extensions["mailer"] = mailer
    app.config["MAX_CONTENT_LENGTH"] = 200 * 1024 * 1024
    app.config["MAX_FORM_MEMORY_SIZE"] = 4 * 1024 * 1024
    numbers.bound_numbers(app)
    sessions.note_use_at_the_end(app)
    transactions.commit_at_the_end(app)
    auth.set_up(app, mailer)
    policy.guard(app, {**api.DOORS, **metrics.DOORS})
    security.add_headers(app)
    shell.add_template_globals(app)
    errors.handle(app)
    for blueprint in _BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.wsgi_app = tracking(  # type: ignore[assignment,method-assign]  # Flask's own way
        app.wsgi_app,
        tokens=mailer.tokens,
        spool=SpoolWriter(mailer.settings.spool_dir),
        links=LinkTable(mailer.database),
    )
