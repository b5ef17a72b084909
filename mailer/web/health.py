"""Whether this process lives, and whether it can do its work."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from mailer import migrations
from mailer.operations import readiness
from mailer.queue import broker
from mailer.web.policy import public
from mailer.web.transactions import this_mailer

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
@public
def health() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/ready")
@public
def ready() -> ResponseReturnValue:
    """What this process needs answers, something can be kept, and the worker that was here works.

    A host without a worker is ready all the same: it serves the pages.
    """
    here = this_mailer()
    host = readiness.host_state(here.settings, now=here.clock())
    needs = {
        "database": _database_state(),
        "queue": "ok" if broker.answers(here.settings.redis_url) else "away",
        "disk": host.disk,
    }
    good = set(needs.values()) == {"ok"} and not host.worker_is_bad
    status = "ok" if good else "not ready"
    words = {**needs, "worker": host.worker, "clock": host.clock}
    return jsonify(status=status, **words), 200 if good else 503


def _database_state() -> str:
    try:
        behind = migrations.is_behind(this_mailer().database.engine)
    except SQLAlchemyError:
        return "away"
    return "migrations are behind" if behind else "ok"
