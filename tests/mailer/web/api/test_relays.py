"""Relays are listed without what gives them away, and their speed is set."""

import pytest

from mailer.bootstrap import Mailer
from mailer.models import Power, Relay
from tests.mailer.web.api.conftest import Program, Programs

ALL = "/api/v1/relays"


@pytest.fixture
def admin(program: Programs) -> Program:
    return program(Power.ADMIN)


def test_relays_are_listed_without_addresses_or_passwords(mailer: Mailer, admin: Program) -> None:
    with mailer.database.writing() as session:
        relay = session.get_one(Relay, 1)
        relay.host, relay.username, relay.sealed_password = "mx.a.example", "postmistress", "sealed"

    answer = admin.get(ALL)

    assert answer.json
    assert [each["id"] for each in answer.json["relays"]] == [1]
    assert not [word for word in ("mx.a.example", "postmistress", "sealed") if word in answer.text]


def test_a_speed_is_set_and_taken_away(mailer: Mailer, admin: Program) -> None:
    slower = admin.patch(f"{ALL}/1", json={"per_second": 2.5, "per_day": 40_000})
    free = admin.patch(f"{ALL}/1", json={"per_second": None})

    assert slower.json
    assert (slower.json["per_second"], slower.json["per_day"]) == (2.5, 40_000)
    assert free.json
    assert (free.json["per_second"], free.json["per_day"]) == (None, 40_000)
    with mailer.database.reading() as session:
        assert session.get_one(Relay, 1).per_day == 40_000


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"per_second": 0}', "per_second"),
        ('{"per_second": "50"}', "per_second"),
        ('{"per_second": true}', "per_second"),
        ('{"per_second": NaN}', "per_second"),
        ('{"per_second": 1e999}', "per_second"),
        ('{"per_second": [5]}', "per_second"),
        ('{"per_second": ' + "9" * 400 + "}", "per_second"),
        ('{"per_hour": 0}', "per_hour"),
        ('{"per_hour": 1.5}', "per_hour"),
        ('{"per_day": -1}', "per_day"),
        ('{"per_day": 2000000001}', "per_day"),
        ('{"per_second": 5, "host": "elsewhere.example"}', "host"),
    ],
)
def test_what_no_relay_can_do_names_the_field(
    mailer: Mailer, admin: Program, body: str, field: str
) -> None:
    answer = admin.patch(f"{ALL}/1", data=body)

    assert answer.status_code == 422
    assert [each["field"] for each in answer.get_json(force=True)["errors"]] == [field]
    with mailer.database.reading() as session:
        assert session.get_one(Relay, 1).per_second is None


def test_a_body_that_is_far_too_large_is_not_read(admin: Program) -> None:
    assert admin.patch(f"{ALL}/1", data=b" " * 70_000).status_code == 413


def test_a_relay_nobody_has_is_not_found(admin: Program) -> None:
    assert admin.patch(f"{ALL}/7", json={"per_second": 5}).status_code == 404
