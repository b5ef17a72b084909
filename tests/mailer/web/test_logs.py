"""Logs name routes and ids; addresses and secrets of links are taken out of every line."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from structlog.testing import capture_logs

from mailer.logs import hidden
from mailer.web.policy import public
from tests.killing import ROOT
from tests.mailer.web.browser import Browser

TOKEN = "AbC-123_" * 4


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("550 5.1.1 <alice@aldmor.example>: no such user", "550 5.1.1 <…@…>: no such user"),
        (f"Exception on /u/{TOKEN} [POST]", "Exception on /u/… [POST]"),
        (f"/p/{TOKEN}/stop", "/p/…/stop"),
        ("b+0123456789abcdef0123456789abcdef01234567@a.example", "…@…"),
        ("in test_a_name_that_is_long_and_has_no_digit_at_all", None),
        ("postfix@localhost has 3 processes", None),
    ],
)
def test_addresses_and_tokens_are_hidden_and_nothing_else_is(text: str, shown: str | None) -> None:
    assert hidden(text) == (text if shown is None else shown)


def test_both_kinds_of_logs_hide_them_also_in_tracebacks() -> None:
    script = f"""
import logging, structlog
from mailer import logs
logs.configure()
try:
    raise ValueError("alice@aldmor.example {TOKEN}")
except ValueError:
    logging.getLogger("library").exception("to %s", "bob@bexmoor.example")
    structlog.get_logger("ours").exception("to", to="bob@bexmoor.example", number=7)
    structlog.get_logger("ours").warning("open", confirm_at="https://a.example/?{TOKEN}")
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout == ""
    assert "@aldmor" not in done.stderr
    assert "@bexmoor" not in done.stderr
    assert done.stderr.count("ValueError: …@… …") == 2
    assert "number=7" in done.stderr
    assert done.stderr.count(TOKEN) == 1


def test_a_command_logs_beside_its_answer_and_hides_them_too(tmp_path: Path) -> None:
    script = """
import structlog
from app import create_app
create_app()
structlog.get_logger("ours").warning("to", to="bob@bexmoor.example")
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert done.stdout == ""
    assert "to='…@…'" in done.stderr


def test_a_fault_is_logged_by_its_route_and_not_by_its_path(
    app: Flask, visitor: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    @public
    def breaks(token: str, number: int) -> str:
        raise ValueError

    app.add_url_rule("/breaks/<token>/<int:number>", view_func=breaks)

    with capture_logs() as lines, caplog.at_level(logging.DEBUG):
        answer = visitor.get(f"/breaks/{TOKEN}/7?to=alice@aldmor.example")

    assert answer.status_code == 500
    (line,) = lines
    assert line["route"] == "/breaks/<token>/<int:number>"
    assert line["ids"] == {"number": 7}
    assert TOKEN not in str(line) + caplog.text
    assert "alice" not in str(line) + caplog.text
