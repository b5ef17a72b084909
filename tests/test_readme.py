"""README's commands, word for word and in their order, on an empty folder."""

import re
import shlex
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.killing import ROOT, Installation
from tests.services import free_port
from tests.test_serving import eventually, is_ready

PEOPLE = "Name,Email,Organisation\nAlba Ferris,alba@northhaven.example,Northhaven Council\n"


def commands_of(document: str) -> list[list[str]]:
    """The lines of its blocks that call flask, as a shell reads them."""
    blocks = re.findall(r"^```\n(.*?)^```", document, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [shlex.split(line, comments=True) for line in lines if line.startswith("flask ")]


@pytest.mark.slow
def test_the_commands_of_the_readme_work_in_their_order(tmp_path: Path) -> None:
    data = tmp_path / "data"
    installation = Installation(data, free_port(), f"sqlite:///{data / 'circular.db'}")
    environment = {**installation.environment, "FLASK_APP": str(ROOT / "app.py")}
    del environment["DATABASE_URL"], environment["SECRET_KEY"]
    (tmp_path / "people.csv").write_text(PEOPLE)
    *before, serve = commands_of((ROOT / "README.md").read_text("utf-8"))

    answers = []
    for _, *arguments in before:
        done = subprocess.run(
            [sys.executable, "-m", "flask", *arguments],
            cwd=tmp_path,
            env={**environment, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        answers.append(done)

    assert [done.returncode for done in answers] == [0] * len(before)
    assert "Error" not in "".join(done.stderr for done in answers)
    link = re.search(r"/login/\S+", answers[0].stdout)
    assert link
    assert serve == ["flask", "serve"]
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "serve"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        assert eventually(lambda: is_ready(installation))
        page = f"http://127.0.0.1:{installation.port}{link[0]}"
        with urllib.request.urlopen(page, timeout=10) as answer:
            assert answer.status == 200
    finally:
        process.terminate()
        process.wait(40)
