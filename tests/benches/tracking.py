"""Pixels and clicks while the drain writes: requests a second, and whether each one arrived."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import func, select, update

from contacts.database import Database
from contacts.models import Contact
from mailer import migrations
from mailer.bootstrap import bootstrap
from mailer.campaigns import sending
from mailer.campaigns.freezing import freeze
from mailer.clock import now
from mailer.models import Delivery, Receipt
from mailer.security.tokens import Purpose
from mailer.settings.environment import Gate, Settings
from tests import services
from tests.benches.populating import populate
from tests.factories import TESTER, a_campaign

ROOT = Path(__file__).resolve().parent.parent.parent


def run(seconds: int = 10) -> None:
    """wrk against granian with two web processes and the worker's drain, on SQLite."""
    wrk = shutil.which("wrk")
    if wrk is None:
        print("wrk is not installed: skipped")
        return
    folder = Path(tempfile.mkdtemp(prefix="circular-hits-"))
    port = services.free_port()
    url = f"sqlite:///{folder / 'bench.db'}"
    environment = {
        **os.environ,
        "DATA_DIR": str(folder),
        "DATABASE_URL": url,
        "PORT": str(port),
        "SECRET_KEY": "a secret for benches, and long enough",
        "WEB_WORKERS": "2",
        "SMTP_URL": "smtp://127.0.0.1:9",
    }
    database = Database(url)
    migrations.upgrade(database.engine)
    token = _token(database, folder)
    children = [
        subprocess.Popen([sys.executable, *text], cwd=ROOT, env=environment)
        for text in (("worker.py",), ("-m", "mailer.web.server"))
    ]
    try:
        time.sleep(8)
        total = 0
        for path in (f"/o/{token}.gif", f"/c/{token}/1"):
            done = subprocess.run(
                [
                    wrk,
                    "-t1",
                    "-c16",
                    f"-d{seconds}s",
                    "--latency",
                    f"http://127.0.0.1:{port}{path}",
                ],
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            print("\n".join(re.findall(r".*(?:99%|Requests/sec).*", done.stdout)), path[:3])
            total += int(re.findall(r"(\d+) requests in", done.stdout)[0])
        _wait_until_taken(database, total)
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait(30)


def _token(database: Database, folder: Path) -> str:
    newsletter_id = populate(database, 1000)
    with database.writing() as session:
        session.execute(update(Contact).values(tracking_allowed=True))
        campaign_id = a_campaign(session, newsletter_id, subject=f"News of {now()}").id
        sending.launch(session, campaign_id, actor=TESTER, gate=Gate.OPEN, now=now())
    freeze(database, campaign_id, clock=now)
    with database.reading() as session:
        delivery_id = session.scalar(select(func.min(Delivery.id)))
    assert delivery_id
    mailer = bootstrap(
        Settings(data_dir=folder, secret_key="a secret for benches, and long enough"),
        database=database,
    )
    return mailer.tokens.seal(Purpose.TRACK, delivery_id, campaign_id)


def _wait_until_taken(database: Database, total: int) -> None:
    began = time.perf_counter()
    taken = 0
    while taken < total and time.perf_counter() - began < 60:
        time.sleep(0.5)
        with database.reading() as session:
            taken = session.scalar(select(func.count()).select_from(Receipt)) or 0
    # wrk cuts what is on its way when its time is up, so a few more hits than answers are right.
    print(f"answered {total:,}, taken {taken:,}, {time.perf_counter() - began:.1f} s after the end")


if __name__ == "__main__":
    run(*(int(word) for word in sys.argv[1:]))
