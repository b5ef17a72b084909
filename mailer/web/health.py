"""Whether this process lives, and whether it can do its work."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from mailer import migrations
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
    """The database answers, its tables are those of this version, and the queue answers."""
    checks = {
        "database": _database_state(),
        "queue": "ok" if broker.answers(this_mailer().settings.redis_url) else "away",
    }
    good = set(checks.values()) == {"ok"}
    return jsonify(status="ok" if good else "not ready", **checks), 200 if good else 503


def _database_state() -> str:
    try:
        behind = migrations.is_behind(this_mailer().database.engine)
    except SQLAlchemyError:
        return "away"
    return "migrations are behind" if behind else "ok"
