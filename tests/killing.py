"""A send while its processes are killed: the whole of ``flask serve``, and what must hold after."""

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
class Place:
    """Where an installation of this test's own lives."""

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
        """The JSON a command answers with."""
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
        """``flask serve``; gives its process id, and stops it in good order."""
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


def people(place: Place, number: int) -> int:
    """A newsletter with so many subscribers, and a draft for them; the campaign's id."""
    database = Database(place.database_url)
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


def family(pid: int) -> list[int]:
    """The processes below ``pid``, children before grandchildren."""
    found: list[int] = []
    for child in _children(pid):
        found += [child, *family(child)]
    return found


def kill_somebody(pid: int, chance: random.Random) -> str:
    """Kill one process of the family, whichever; says which."""
    alive = family(pid)
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
class Ending:
    """What there was at the end of a send that was disturbed."""

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


def disturbed_send(place: Place, number: int, *, kills: int, seconds: float, seed: int) -> Ending:
    """Launch to ``number`` people and kill somebody ``kills`` times while it is going out."""
    chance = random.Random(seed)
    place.flask("database", "upgrade")
    campaign_id = people(place, number)
    killed: list[str] = []
    began = time.monotonic()
    with place.served() as server:
        _wait_for_family(server)
        place.flask("campaigns", "launch", str(campaign_id))
        while len(killed) < kills and status_of(place, campaign_id)["finished_at"] is None:
            time.sleep(chance.uniform(0.1, 1.5))
            killed.append(kill_somebody(server, chance))
            if place.redis_url and chance.random() < 0.3:
                redis.from_url(place.redis_url).flushall()
                killed.append("FLUSHALL")
        status = status_of(place, campaign_id)
        while status["finished_at"] is None and time.monotonic() - began < seconds:
            time.sleep(0.5)
            status = status_of(place, campaign_id)
        descendants = family(server)
    tray = Tray(place.folder / "caught")
    copies: Counter[str] = Counter()
    for offset in range(0, tray.count(), 500):
        copies.update(each.recipients[0] for each in tray.list(500, offset))
    time.sleep(0.5)
    left = [pid for pid in descendants if Path(f"/proc/{pid}").exists()]
    return Ending(status, copies, time.monotonic() - began, killed, left)


def status_of(place: Place, campaign_id: int) -> dict[str, object]:
    """What ``flask campaigns status`` would say."""
    database = Database(place.database_url)
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


def _wait_for_family(pid: int) -> None:
    for _ in range(1200):
        if len(_children(pid)) >= 3:
            return
        time.sleep(0.1)
    raise AssertionError("flask serve did not start its children")
