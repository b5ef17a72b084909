"""Whether the web is to be asked: not where the worker of its host is stuck, or nothing is kept."""

import pytest

from mailer import loops
from mailer.bootstrap import Mailer
from mailer.loops import LoopFiles
from mailer.models import Power
from tests.mailer.web.browser import Browser, visible_text
from tests.mailer.web.conftest import SignIn


def test_a_web_host_is_ready_without_a_worker(visitor: Browser) -> None:
    answer = visitor.get("/ready")

    assert answer.status_code == 200
    assert answer.get_json() == {
        "status": "ok",
        "database": "ok",
        "queue": "ok",
        "disk": "ok",
        "worker": "no worker has been seen on this host",
        "clock": "ok",
    }


def test_a_stuck_worker_makes_it_not_ready_and_admins_are_told(
    mailer: Mailer, visitor: Browser, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = LoopFiles(mailer.settings.loops_dir, "one")
    process.open()
    process.loop("drain")
    good = visitor.get("/ready")
    at = loops.steady() + 600
    monkeypatch.setattr(loops, "steady", lambda: at)

    answer = visitor.get("/ready")
    admin = visible_text(sign_in(Power.ADMIN).get("/"))
    editor = visible_text(sign_in(Power.EDITOR).get("/"))
    process.close()

    assert good.status_code == 200
    assert answer.status_code == 503
    assert answer.get_json()["worker"].startswith("the drain has not turned since ")
    assert "Nothing is sent from this server: the drain has not turned since" in admin
    assert "has not turned" not in editor
