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

    ours = "campaigns contacts database demo domains newsletters operators receipts relays secrets"
    assert re.findall(r"^  (\S+)", table, re.MULTILINE) == sorted(
        [*ours.split(), "serve", "routes", "run", "shell"]
    )


@pytest.mark.parametrize("command", [["limiter", "limits"], ["users", "create"], ["roles", "add"]])
def test_a_command_of_a_library_is_not_there(tmp_path: Path, command: list[str]) -> None:
    called = flask(tmp_path, *command)

    assert called.returncode == 2
    assert f"No such command '{command[0]}'" in called.stderr
