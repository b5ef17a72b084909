"""The web door put together: what every request passes, and the pages behind it."""

from functools import partial

from flask import Flask

from mailer.bootstrap import Mailer
from mailer.receipts.tracking.machines import Machines
from mailer.receipts.tracking.spool import SpoolWriter
from mailer.web import (
    admin,
    api,
    auth,
    errors,
    forms,
    health,
    metrics,
    paths,
    policy,
    public,
    security,
    sessions,
    shell,
    transactions,
)
from mailer.web.front import bounds
from mailer.web.front.gateway import Gateway
from mailer.web.front.packing import pack_static_files
from mailer.web.hooks import providers
from mailer.web.hooks.links import LinkTable
from mailer.web.hooks.tracking import PATHS, Tracking

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
    app.config["MAX_CONTENT_LENGTH"] = bounds.LARGEST
    app.config["MAX_FORM_MEMORY_SIZE"] = bounds.FORM
    app.config["MAX_FORM_PARTS"] = forms.MOST_PARTS
    bounds.hold_to(app)
    paths.bound_paths(app)
    security.stay_on_this_host(app)
    forms.parse_first(app)
    sessions.note_use_at_the_end(app)
    transactions.commit_at_the_end(app)
    auth.set_up(app, mailer)
    policy.guard(app, {**api.DOORS, **metrics.DOORS})
    security.add_headers(app)
    pack_static_files(app)
    shell.add_template_globals(app)
    errors.handle(app)
    for blueprint in _BLUEPRINTS:
        app.register_blueprint(blueprint)
    tracking = Tracking(
        app.wsgi_app,
        tokens=mailer.tokens,
        spool=SpoolWriter(mailer.settings.spool_dir),
        links=LinkTable(mailer.database),
        machines=Machines(mailer.settings.secret),
    )
    app.wsgi_app = tracking  # type: ignore[method-assign]  # Flask's own way
    app.extensions["tracking"] = tracking


def gateway(app: Flask) -> Gateway:
    """The application as the web server serves it: behind what takes requests in."""
    settings = app.extensions["mailer"].settings
    return Gateway(
        app.wsgi_app,
        quick=PATHS,
        at_once=app.extensions["tracking"].at_once,
        allowed=partial(bounds.allowed, app),
        folder=settings.data_dir,
        trusted=settings.proxies,
    )
