"""What may be typed of a relay: one sentence a field, and nothing secret in clear."""

from dataclasses import replace
from typing import Any

import pytest

from mailer.models import Relay
from mailer.relays.form import Problems, RelayDetails, RelayForm, plain
from mailer.settings.relay_address import TlsMode

GOOD = RelayDetails(
    name="Provider",
    host="smtp.provider.example",
    port="587",
    tls="starttls",
    username="network",
    password="a secret",
)


def read(relay: Relay | None = None, **changes: Any) -> RelayForm:
    return RelayForm(replace(GOOD, **changes), relay=relay, taken={"Other"})


def fields(problems: Problems) -> list[str]:
    return [field for field, _ in problems]


def a_relay(**values: Any) -> Relay:
    kept = {"host": GOOD.host, "sealed_password": "sealed", "from_environment": False}
    return Relay(**{**kept, **values})


def test_good_details_become_a_row() -> None:
    reading = read(
        per_second="50", per_hour="1,000", per_day="", return_domain="Bounces.Example.org."
    )

    assert reading.problems == []
    assert reading.values == {
        "name": "Provider",
        "host": "smtp.provider.example",
        "port": 587,
        "tls": TlsMode.STARTTLS,
        "verify": True,
        "username": "network",
        "return_domain": "bounces.example.org",
        "per_second": 50.0,
        "per_hour": 1000,
        "per_day": None,
        "connections": 250,
    }


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", ""),
        ("name", "x" * 81),
        ("name", "other"),
        ("name", "two\x00lines"),
        ("host", ""),
        ("host", "two words"),
        ("host", "user@host.example"),
        ("host", "host.example:25"),
        ("host", "http://host.example"),
        ("host", "-x.example"),
        ("host", "x" * 254),
        ("port", ""),
        ("port", "0"),
        ("port", "65536"),
        ("port", "٥٨٧"),
        ("tls", "perhaps"),
        ("username", "x" * 501),
        ("password", ""),
        ("return_domain", "no-dot"),
        ("return_domain", "127.0.0.1"),
        ("return_domain", "an@address.example"),
        ("return_domain", "two words.example"),
        ("per_second", "0"),
        ("per_second", "-1"),
        ("per_second", "0.01"),
        ("per_second", "inf"),
        ("per_second", "nan"),
        ("per_second", "1e3"),
        ("per_second", "fast"),
        ("per_second", "10001"),
        ("per_hour", "0"),
        ("per_hour", "1.5"),
        ("per_day", "-3"),
        ("per_day", "99999999999"),
        ("connections", ""),
        ("connections", "0"),
        ("connections", "501"),
    ],
)
def test_an_invalid_value_is_one_sentence_at_its_field(field: str, typed: str) -> None:
    changes: dict[str, Any] = {field: typed}

    problems = read(**changes).problems

    assert fields(problems) == [field]
    assert problems[0][1].endswith(".")


@pytest.mark.parametrize("tls", ["none", "opportunistic"])
@pytest.mark.parametrize(
    ("host", "expected"),
    [("smtp.provider.example", ["tls"]), ("192.0.2.7", ["tls"]), ("127.0.0.1", [])],
)
def test_a_password_never_goes_out_in_clear(tls: str, host: str, expected: list[str]) -> None:
    assert fields(read(tls=tls, host=host).problems) == expected


def test_a_user_and_a_password_go_together() -> None:
    assert fields(read(username="").problems) == ["username"]
    assert fields(read(password="").problems) == ["password"]
    assert read(username="", password="").problems == []


def test_a_kept_password_stays_where_it_was_given() -> None:
    kept = read(a_relay(), password="")
    sent_elsewhere = read(a_relay(host="smtp.before.example"), password="")

    assert kept.problems == []
    assert fields(sent_elsewhere.problems) == ["password"]


def test_a_host_may_be_an_address_or_a_name_in_any_script() -> None:
    hosts = ["[2001:DB8::1]", "192.0.2.7", "mailhub", "SMTP.Provider.EXAMPLE", "grüße.example"]

    found = [read(host=host).values["host"] for host in hosts]

    assert found == [
        "2001:db8::1",
        "192.0.2.7",
        "mailhub",
        "smtp.provider.example",
        "xn--gre-6ka8l.example",
    ]


def test_certificates_are_not_checked_under_opportunistic_tls() -> None:
    assert read(tls="opportunistic", username="", password="").values["verify"] is False


def test_the_relay_of_the_environment_keeps_its_address() -> None:
    reading = read(a_relay(from_environment=True), host="", port="", tls="", password="")

    assert reading.problems == []
    assert not {"host", "port", "tls", "verify", "username"} & set(reading.values)


def test_numbers_are_shown_as_they_were_typed() -> None:
    assert [plain(each) for each in (None, 50.0, 0.5, 10_000, 1 / 3)] == [
        *("", "50", "0.5", "10000", "0.333333")
    ]


def test_a_password_is_not_in_what_a_log_would_show() -> None:
    assert "a secret" not in repr(GOOD)
