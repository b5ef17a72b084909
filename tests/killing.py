"""Runs a send with the whole of ``flask serve`` while its processes are killed at random."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis
from sqlalchemy import insert

from contacts.database import Database
from contacts.models import Contact, Subscription, SubscriptionStatus
from mailer.campaigns import editing
from mailer.clock import now
from mailer.reports.accounting import account
from mailer.smtpd.caught_mail import Tray
from tests.factories import a_campaign, a_newsletter

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Installation:
    """The folder, port and addresses of an installation for one test."""

    folder: Path
    port: int
    database_url: str
    redis_url: str = ""
    relay_url: str = ""  # the catcher, where none is named
    connections: int = 0  # of each worker; as many as usual, where none are named

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        made = {
            "DATA_DIR": str(self.folder),
            "PORT": str(self.port),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "SMTP_URL": self.relay_url,
            "CONNECTIONS": str(self.connections or ""),
            "SECRET_KEY": "a secret for tests, and long enough",
            "RETRY_SCHEDULE": "1,2,5",
        }
        return {**kept, **{name: value for name, value in made.items() if value}}

    def flask(self, *arguments: str) -> dict[str, object]:
        """Run a command; gives the JSON that it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", *arguments, "--json"],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            check=True,
            timeout=120,
        )
        answer: dict[str, object] = json.loads(done.stdout)
        return answer

    @contextmanager
    def served(self) -> Iterator[int]:
        """Run ``flask serve``; gives its process id, and stops it by SIGTERM at the end."""
        log = (self.folder / "serve.log").open("ab")
        server = subprocess.Popen(
            [sys.executable, "-m", "flask", "serve"],
            cwd=ROOT,
            env=self.environment,
            stdout=log,
            stderr=log,
        )
        try:
            yield server.pid
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(40)
            log.close()


def add_subscribers(installation: Installation, number: int) -> int:
    """Add a newsletter with so many subscribers, and a draft for them; gives the campaign's id."""
    database = Database(installation.database_url)
    with database.writing() as session:
        newsletter = a_newsletter(session)
        rows = [
            {
                "email": f"person{each}@a.example",
                "address_key": f"person{each}@a.example",
                "name": f"Person {each}",
                "first_name": "Person",
                "last_name": str(each),
                "tracking_allowed": each % 2 == 0,
                "created_at": now(),
                "updated_at": now(),
            }
            for each in range(number)
        ]
        ids = session.scalars(insert(Contact).returning(Contact.id), rows).all()
        session.execute(
            insert(Subscription),
            [
                {
                    "contact_id": contact_id,
                    "newsletter_id": newsletter.id,
                    "status": SubscriptionStatus.SUBSCRIBED,
                    "changed_at": now(),
                }
                for contact_id in ids
            ],
        )
        campaign_id = a_campaign(session, newsletter.id).id
    database.dispose()
    return campaign_id


def descendants(pid: int) -> list[int]:
    """The processes below ``pid``, children before grandchildren."""
    found: list[int] = []
    for child in _children(pid):
        found += [child, *descendants(child)]
    return found


def kill_one_process(pid: int, chance: random.Random) -> str:
    """Kill one random process below ``pid``; gives the end of its command line."""
    alive = descendants(pid)
    if not alive:
        return "nobody"
    victim = chance.choice(alive)
    try:
        name = Path(f"/proc/{victim}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        os.kill(victim, signal.SIGKILL)
    except (FileNotFoundError, ProcessLookupError):
        return "nobody"
    return name.strip()[-40:]


@dataclass(frozen=True, slots=True)
class DisturbedSend:
    """The state at the end of a send whose processes were killed."""

    status: dict[str, object]
    copies: Counter[str]
    seconds: float
    killed: list[str]
    left_behind: list[int]

    @property
    def deliveries(self) -> dict[str, int]:
        found = self.status["deliveries"]
        assert isinstance(found, dict)
        return found


def disturbed_send(
    installation: Installation, number: int, *, kills: int, seconds: float, seed: int
) -> DisturbedSend:
    """Launch to ``number`` people and kill ``kills`` processes while it is being sent."""
    chance = random.Random(seed)
    installation.flask("database", "upgrade")
    campaign_id = add_subscribers(installation, number)
    killed: list[str] = []
    began = time.monotonic()
    with installation.served() as server:
        _wait_for_children(server)
        installation.flask("campaigns", "launch", str(campaign_id))
        while len(killed) < kills and status_of(installation, campaign_id)["finished_at"] is None:
            time.sleep(chance.uniform(0.1, 1.5))
            killed.append(kill_one_process(server, chance))
            if installation.redis_url and chance.random() < 0.3:
                redis.from_url(installation.redis_url).flushall()
                killed.append("FLUSHALL")
        status = status_of(installation, campaign_id)
        while status["finished_at"] is None and time.monotonic() - began < seconds:
            time.sleep(0.5)
            status = status_of(installation, campaign_id)
        processes = descendants(server)
    tray = Tray(installation.folder / "caught")
    copies: Counter[str] = Counter()
    for offset in range(0, tray.count(), 500):
        copies.update(each.recipients[0] for each in tray.list(500, offset))
    time.sleep(0.5)
    left = [pid for pid in processes if Path(f"/proc/{pid}").exists()]
    return DisturbedSend(status, copies, time.monotonic() - began, killed, left)


def status_of(installation: Installation, campaign_id: int) -> dict[str, object]:
    """The JSON of ``flask campaigns status``, read from the database."""
    database = Database(installation.database_url)
    with database.reading() as session:
        found = account(session, editing.find(session, campaign_id)).to_json()
    database.dispose()
    return found


def _children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [int(word) for word in text.split()]


def _wait_for_children(pid: int) -> None:
    for _ in range(1200):
        if len(_children(pid)) >= 3:
            return
        time.sleep(0.1)
    raise AssertionError("flask serve did not start its children")
