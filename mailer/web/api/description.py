"""What the API is, for programs: one OpenAPI document, written beside the routes it describes."""

from typing import Any, Final

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from mailer.models import CampaignStatus, DeliveryStatus, Exclusion
from mailer.relays.form import FASTEST, MOST, SLOWEST
from mailer.relays.registry import State
from mailer.web.policy import public
from mailer.web.transactions import this_mailer

blueprint = Blueprint("api_description", __name__, url_prefix="/api")

Schema = dict[str, Any]

_TEXT: Final[Schema] = {"type": "string"}
_TRUTH: Final[Schema] = {"type": "boolean"}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_MOMENT: Final[Schema] = {"type": ["string", "null"], "format": "date-time"}
_SPEED: Final[Schema] = {
    "type": ["number", "null"],
    "minimum": SLOWEST,
    "maximum": FASTEST,
    "description": "Messages a second; null for as fast as it goes.",
}
_CAP: Final[Schema] = {"type": ["integer", "null"], "minimum": 1, "maximum": MOST}


def _object(members: dict[str, Schema], *, optional: bool = False) -> Schema:
    whole = {"type": "object", "properties": members, "additionalProperties": False}
    return whole if optional else whole | {"required": list(members)}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(name: str) -> Schema:
    return {"type": "array", "items": _ref(name)}


_ABOUT: Final = {
    "id": _COUNT,
    "status": {"type": "string", "enum": [each.value for each in CampaignStatus]},
    "subject": _TEXT,
    "newsletter": _TEXT | {"description": "Its slug."},
    "started_at": _MOMENT,
    "finished_at": _MOMENT,
}
_ACCOUNT: Final = {
    "audience": _COUNT,
    "excluded": _object({each.value: _COUNT for each in Exclusion}, optional=True),
    "deliveries": _object(
        {each.value: _COUNT for each in DeliveryStatus if each is not DeliveryStatus.EXCLUDED},
        optional=True,
    ),
    "balanced": _TRUTH,
}
_LIMITS: Final = {"per_second": _SPEED, "per_hour": _CAP, "per_day": _CAP}
_SCHEMAS: Final = {
    "Campaign": _object(_ABOUT | _ACCOUNT),
    "CampaignLine": _object(_ABOUT),
    "Campaigns": _object(
        {
            "campaigns": _list("CampaignLine"),
            "next": {"type": ["integer", "null"], "description": "Send it back as after."},
        }
    ),
    "Relay": _object(
        {
            "id": _COUNT,
            "name": _TEXT,
            "position": _COUNT,
            "from_environment": _TRUTH,
            "on": _TRUTH,
            "state": {"type": "string", "enum": [each.value for each in State]},
            "trouble": {"type": ["string", "null"]},
            "try_again_at": _MOMENT,
            "slowed_to": {
                "type": ["number", "null"],
                "description": "Messages a second the relay has asked for.",
            },
            "connections": _COUNT,
            **_LIMITS,
        }
    ),
    "Relays": _object({"relays": _list("Relay")}),
    "Limits": _object(_LIMITS, optional=True),
    "Problem": {
        "type": "object",
        "description": "RFC 9457.",
        "required": ["title", "status", "detail"],
        "properties": {
            "title": _TEXT,
            "status": {"type": "integer"},
            "detail": _TEXT,
            "errors": {
                "type": "array",
                "items": _object({"field": _TEXT, "detail": _TEXT}),
            },
        },
    },
}


def _operation(
    name: str, summary: str, answer: str, *, needs: str, refusals: str = "", **more: Any
) -> Schema:
    good = {"description": summary, "content": {"application/json": {"schema": _ref(answer)}}}
    refused = {status: {"$ref": "#/components/responses/Problem"} for status in refusals.split()}
    always = {"401", "403", "429", "503"}
    return {
        "operationId": name,
        "summary": summary,
        "description": f"Needs the power of {needs}.",
        "responses": {"200": good}
        | {status: {"$ref": "#/components/responses/Problem"} for status in sorted(always)}
        | refused,
        **more,
    }


def _number(name: str) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "integer"}}


def _asked(name: str, schema: Schema) -> Schema:
    return {"name": name, "in": "query", "schema": schema}


def _move(name: str, summary: str) -> Schema:
    made = _operation(
        f"{name}Campaign", summary, "Campaign", needs="editor", refusals="404 409 413 422"
    )
    return {"parameters": [_number("campaign_id")], "post": made}


_PATHS: Final = {
    "/api/v1/campaigns": {
        "get": _operation(
            "listCampaigns",
            "A page of campaigns, the newest first.",
            "Campaigns",
            needs="viewer",
            refusals="422",
            parameters=[
                _asked("status", _ABOUT["status"]),
                _asked("limit", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
                _asked("after", {"type": "integer", "description": "next of the page before."}),
            ],
        )
    },
    "/api/v1/campaigns/{campaign_id}": {
        "parameters": [_number("campaign_id")],
        "get": _operation(
            "getCampaign",
            "A campaign and its accounting.",
            "Campaign",
            needs="viewer",
            refusals="404",
        ),
    },
    "/api/v1/campaigns/{campaign_id}/pause": _move("pause", "Send no more until it is resumed."),
    "/api/v1/campaigns/{campaign_id}/resume": _move("resume", "Go on with a paused campaign."),
    "/api/v1/campaigns/{campaign_id}/stop": _move("stop", "Send no more, for good."),
    "/api/v1/campaigns/{campaign_id}/launch": _move(
        "launch", "Send it now; a worker freezes the audience at once."
    ),
    "/api/v1/relays": {
        "get": _operation(
            "listRelays",
            "The relays in the order in which they are used.",
            "Relays",
            needs="viewer",
        )
    },
    "/api/v1/relays/{relay_id}": {
        "parameters": [_number("relay_id")],
        "patch": _operation(
            "limitRelay",
            "Set how fast a relay may be; what is not named stays.",
            "Relay",
            needs="admin",
            refusals="404 413 422",
            requestBody={
                "required": True,
                "content": {"application/json": {"schema": _ref("Limits")}},
            },
        ),
    },
}


@blueprint.get("/openapi.json")
@public
def show() -> ResponseReturnValue:
    """The document."""
    return jsonify(
        openapi="3.1.0",
        info={"title": "Circular", "version": "1"},
        servers=[{"url": this_mailer().settings.site}],
        security=[{"token": []}],
        paths=_PATHS,
        components={
            "schemas": _SCHEMAS,
            "responses": {
                "Problem": {
                    "description": "What did not work, and what to do.",
                    "content": {"application/problem+json": {"schema": _ref("Problem")}},
                }
            },
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    )
