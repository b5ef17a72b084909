"""The commands there are: ours and Flask's own, none that a library brings."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_architecture import ROOT


def flask(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flask", *arguments],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_flask_has_our_commands_and_its_own_and_none_of_a_library(tmp_path: Path) -> None:
    table = flask(tmp_path, "--help").stdout.partition("Commands:\n")[2]

    ours = (
        "campaigns contacts database days demo domains library network newsletters operators "
        "receipts"
    )
    assert re.findall(r"^  (\S+)", table, re.MULTILINE) == sorted(
        [*ours.split(), "relays", "schedules", "secrets", "serve", "routes", "run", "shell"]
    )


@pytest.mark.parametrize("command", [["limiter", "limits"], ["users", "create"], ["roles", "add"]])
def test_a_command_of_a_library_is_not_there(tmp_path: Path, command: list[str]) -> None:
    called = flask(tmp_path, *command)

    assert called.returncode == 2
    assert f"No such command '{command[0]}'" in called.stderr


def test_what_is_logged_goes_to_standard_error(tmp_path: Path) -> None:
    script = "import structlog; structlog.get_logger().warning('a word')"
    (tmp_path / "wsgi.py").write_text(
        "from app import create_app as make\n"
        f"def create_app():\n    app = make()\n    {script}\n    return app\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", str(tmp_path / "wsgi.py"), "database", "upgrade"],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "a word" not in done.stdout
    assert "a word" in done.stderr
