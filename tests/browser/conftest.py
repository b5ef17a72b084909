"""A served demo network and a real browser, for the tests that look at pages as people do."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import select

from contacts.database import Database
from mailer import migrations
from mailer.accounts import sign_in_links
from mailer.bootstrap import bootstrap
from mailer.clock import now
from mailer.demo import network
from mailer.models import Operator
from mailer.settings.environment import Settings
from tests.conftest import unavailable
from tests.factories import TESTER
from tests.services import Unavailable, free_port

ROOT = Path(__file__).resolve().parent.parent.parent
_ADMIN = "asha.singh@network.example"


@dataclass(frozen=True, slots=True)
class Served:
    """A running installation: where it is and how to sign in, once a link."""

    site: str
    folder: Path

    def sign_in_link(self, email: str = _ADMIN) -> str:
        """A fresh one-time link for an operator of the demo network: its admin, or another."""
        database = Database(f"sqlite:///{self.folder / 'circular.db'}")
        with database.writing() as session:
            admin = session.scalars(select(Operator).where(Operator.email == email)).one()
            secret = sign_in_links.make(session, admin, actor=TESTER, now=now())
        database.dispose()
        return f"{self.site}/login/{secret}"


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the demo network in it, to copy."""
    folder = tmp_path_factory.mktemp("demo")
    mailer = bootstrap(Settings(data_dir=folder))
    migrations.upgrade(mailer.database.engine)
    network.load(mailer)
    mailer.database.dispose()
    return folder


@pytest.fixture
def served(tmp_path: Path, demo_folder: Path) -> Iterator[Served]:
    """``flask serve --demo`` in a folder of its own, which has the demo network already."""
    shutil.copytree(demo_folder, tmp_path, dirs_exist_ok=True)
    with serving(tmp_path) as served:
        yield served


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The same, for tests that only look."""
    with serving(tmp_path_factory.mktemp("served")) as served:
        yield served


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "DATA_DIR": str(folder)}


@contextmanager
def serving(folder: Path, *, demo: bool = True) -> Iterator[Served]:
    environment = _environment(folder) | {"PORT": str(free_port())}
    log = folder / "serve.log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "flask", "serve", *(["--demo"] if demo else [])],
            cwd=ROOT,
            env=environment,
            stdout=out,
            stderr=out,
        )
    try:
        for _ in range(1500):
            assert server.poll() is None, log.read_text()
            if "Stop with Ctrl-C" in log.read_text():
                break
            time.sleep(0.1)
        yield Served(f"http://localhost:{environment['PORT']}", folder)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(40)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless.

    It goes with its module: while Playwright is open this thread has an event loop that runs, and
    tests that bring their own would fail.
    """
    binary = shutil.which("chromium")
    if binary is None:
        unavailable(Unavailable("Chromium"))
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=["--no-sandbox"])
        yield browser
        browser.close()
