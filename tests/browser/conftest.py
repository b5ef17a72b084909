"""A served demo network and a real browser, for the tests that look at pages as people do."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.conftest import unavailable
from tests.services import Unavailable, free_port

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True, slots=True)
class Served:
    """A running installation: where it is and how to sign in, once a link."""

    site: str
    folder: Path
    environment: dict[str, str]

    def sign_in_link(self) -> str:
        """A fresh one-time link for the admin of the demo network."""
        done = subprocess.run(
            [
                *(sys.executable, "-m", "flask", "operators", "create"),
                *("asha.singh@network.example", "--role", "admin"),
            ],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        found = re.search(r"http\S+", done.stdout)
        assert found
        return found[0]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """``flask serve --demo`` in a folder of its own."""
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        "DATA_DIR": str(tmp_path),
        "PORT": str(free_port()),
    }
    log = tmp_path / "serve.log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "flask", "serve", "--demo"],
            cwd=ROOT,
            env=environment,
            stdout=out,
            stderr=out,
        )
    try:
        for _ in range(1500):
            if "Stop with Ctrl-C" in log.read_text():
                break
            time.sleep(0.1)
        yield Served(f"http://localhost:{environment['PORT']}", tmp_path, environment)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(40)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless. Gone before tests that run an event loop of their own: while it
    lives, Playwright's runs in this thread."""
    binary = shutil.which("chromium")
    if binary is None:
        unavailable(Unavailable("Chromium"))
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=["--no-sandbox"])
        yield browser
        browser.close()
