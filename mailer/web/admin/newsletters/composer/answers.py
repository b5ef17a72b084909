"""How the composer answers a save: to script in JSON, to a form with a page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import jsonify, render_template, request
from flask.typing import ResponseReturnValue

from mailer.authoring.comparing import compare
from mailer.campaigns.drafts import undoing
from mailer.errors import ChangedMeanwhile
from mailer.models import Campaign
from mailer.web import forms
from mailer.web.network import local
from mailer.web.policy import acting
from mailer.web.transactions import session


def wants_json() -> bool:
    """Whether script of ours is asking."""
    return request.accept_mimetypes.best == "application/json"


def saved(issue: Campaign, revision: str, name: str, now: datetime) -> dict[str, Any]:
    """What script needs to know of a save."""
    steps = undoing.undoable(session(), issue.id, acting())
    return {
        "saved": f"{local(now):%H:%M:%S}",
        "revision": revision,
        "name": " ".join(name.split())[:90],
        "issue": issue.revision,
        "undo": len(steps),
        "step": undoing.words_of(steps[0]) if steps else "",
    }


def refused(problems: forms.Problems) -> ResponseReturnValue:
    """Why something was not saved, a sentence a field."""
    return jsonify(
        {"problems": [{"field": field, "message": said} for field, said in problems]}
    ), 422


def conflict(
    issue: Campaign, changed: ChangedMeanwhile, mine: Mapping[str, Any], action: str
) -> ResponseReturnValue:
    """Both texts side by side, and the choice between them."""
    known = {**changed.theirs, **mine}
    context = {
        "issue": issue,
        "changed": changed,
        "action": action,
        "posted": _posted(),
        "mine": compare(changed.theirs, known),
        "theirs": compare(known, changed.theirs),
        "by_script": wants_json(),
        "has_both": "head" not in action.rsplit("/", 1)[-1],
    }
    page = render_template("admin/newsletters/conflict.html", **context)
    if wants_json():
        return jsonify({"who": changed.who, "dialog": page}), 409
    return page, 409


def _posted() -> list[tuple[str, str]]:
    """What was typed, to be sent again with the choice."""
    left_out = {"revision", "keep", "csrf_token"}
    return [(name, said) for name, said in forms.posted().items(multi=True) if name not in left_out]
