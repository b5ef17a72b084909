"""Campaigns are listed, looked at and steered, as the command line and the pages do it."""

import json

import pytest
from flask import Flask
from sqlalchemy import select

from contacts.actors import Actor, Subject
from contacts.models import AuditEntry
from mailer.bootstrap import Mailer
from mailer.campaigns import editing as campaigns_editing
from mailer.campaigns.freezing import freeze
from mailer.models import CampaignStatus, Power
from tests.factories import Cast, a_campaign, a_document
from tests.mailer.web.api.conftest import Program, Programs

ALL = "/api/v1/campaigns"


@pytest.fixture
def issue(mailer: Mailer, cast: Cast) -> int:
    with mailer.database.writing() as session:
        return a_campaign(session, cast.newsletter, slug="2026-12").id


@pytest.fixture
def editing(program: Programs) -> Program:
    return program(Power.APPROVER)


def status(mailer: Mailer, issue: int) -> CampaignStatus:
    with mailer.database.reading() as session:
        return campaigns_editing.find(session, issue).status


def test_a_campaign_is_what_the_command_line_says_and_what_it_is_about(
    app: Flask, mailer: Mailer, issue: int, editing: Program
) -> None:
    editing.post(f"{ALL}/{issue}/launch")
    freeze(mailer.database, issue, clock=mailer.clock)

    seen = editing.get(f"{ALL}/{issue}").json

    printed = app.test_cli_runner().invoke(args=["campaigns", "status", str(issue), "--json"])
    about = {"subject": "News for {{first_name|members}}", "newsletter": "members-update"}
    assert seen == json.loads(printed.stdout) | about
    assert seen["deliveries"] == {"pending": 1}


def test_an_editors_program_sends_nothing_that_nobody_approved(
    program: Programs, issue: int
) -> None:
    answer = program(Power.EDITOR).post(f"{ALL}/{issue}/launch")

    assert answer.status_code == 409
    assert "Nobody has approved version 1." in answer.get_json(force=True)["detail"]


def test_a_send_is_launched_paused_resumed_and_stopped(
    mailer: Mailer, issue: int, editing: Program
) -> None:
    statuses = []
    for move in ("launch", "pause", "resume", "stop"):
        answer = editing.post(f"{ALL}/{issue}/{move}")
        assert answer.status_code == 200, answer.text
        assert answer.json
        assert answer.json["status"] == status(mailer, issue)
        statuses.append(answer.json["status"])

    assert statuses == ["sending", "paused", "sending", "stopped"]
    with mailer.database.reading() as session:
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.subject == Subject("campaign", issue))
        ).all()
    token_id = int(editing.token.split("_")[1])
    theirs = Actor.operator(editing.operator_id, token_id=token_id)
    assert [entry.act for entry in entries if entry.actor == theirs] == [
        *("issue approved", "issue launched", "issue paused", "issue resumed", "issue stopped")
    ]


def test_a_move_that_is_not_allowed_says_why_and_changes_nothing(
    mailer: Mailer, issue: int, editing: Program
) -> None:
    answer = editing.post(f"{ALL}/{issue}/pause")

    assert answer.status_code == 409
    assert (
        answer.get_json(force=True)["detail"] == "This issue is a draft: there is nothing to pause."
    )
    assert status(mailer, issue) is CampaignStatus.DRAFT
    with mailer.database.reading() as session:
        acts = session.scalars(select(AuditEntry.act)).all()
    assert [act for act in acts if act.startswith("issue")] == ["issue made"]


def test_a_document_that_cannot_be_sent_names_what_to_mend(
    mailer: Mailer, cast: Cast, editing: Program
) -> None:
    bare = a_document({"id": "t", "type": "text", "text": "Hello {{first_name}}"})
    with mailer.database.writing() as session:
        issue = a_campaign(session, cast.newsletter, bare).id

    answer = editing.post(f"{ALL}/{issue}/launch")

    assert answer.status_code == 409
    assert answer.get_json(force=True)["errors"][0]["field"] == "text"


@pytest.mark.parametrize("move", ["pause", "resume", "stop", "launch"])
@pytest.mark.parametrize("number", [99, 2**63 - 1, 2**70])
def test_a_number_nobody_has_is_not_found(editing: Program, move: str, number: int) -> None:
    assert editing.post(f"{ALL}/{number}/{move}").status_code == 404
    assert editing.get(f"{ALL}/{number}").status_code == 404


@pytest.mark.parametrize(
    ("body", "field"), [({"force": True}, "force"), ([], ""), ("{", ""), ("[" * 60_000, "")]
)
def test_a_body_that_is_not_understood_changes_nothing(
    mailer: Mailer, issue: int, editing: Program, body: object, field: str
) -> None:
    text = body if isinstance(body, str) else json.dumps(body)

    answer = editing.post(f"{ALL}/{issue}/launch", data=text)

    assert answer.status_code == 422
    assert answer.get_json(force=True)["errors"][0]["field"] == field
    assert status(mailer, issue) is CampaignStatus.DRAFT


def test_the_list_comes_in_pages_and_by_status(
    mailer: Mailer, cast: Cast, editing: Program
) -> None:
    with mailer.database.writing() as session:
        made = [a_campaign(session, cast.newsletter).id for _ in range(5)]
    editing.post(f"{ALL}/{made[0]}/launch")

    first = editing.get(f"{ALL}?limit=3").json
    assert first
    second = editing.get(f"{ALL}?limit=3&after={first['next']}").json
    sending = editing.get(f"{ALL}?status=sending").json

    assert second
    assert [each["id"] for each in first["campaigns"] + second["campaigns"]] == made[::-1]
    assert second["next"] is None
    assert sending
    assert [each["id"] for each in sending["campaigns"]] == [made[0]]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=gone", "status"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=٣", "limit"),
        ("after=-1", "after"),
        ("after=99999999999999999999", "after"),
        ("page=2", "page"),
    ],
)
def test_a_query_that_is_not_understood_names_the_field(
    editing: Program, query: str, field: str
) -> None:
    answer = editing.get(f"{ALL}?{query}")

    assert answer.status_code == 422
    assert [each["field"] for each in answer.get_json(force=True)["errors"]] == [field]
