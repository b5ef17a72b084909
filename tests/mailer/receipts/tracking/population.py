"""A made-up month of 20,000 recipients: readers, proxies and scanners, with who did what known.

Nobody here knows the thresholds: times and numbers are drawn from what is written about each kind
of machine, and from how people read mail.
"""

from dataclasses import dataclass
from random import Random
from typing import Final

from mailer.receipts.tracking.classes import TrackedRequest
from mailer.receipts.tracking.grounds import of_letters
from mailer.receipts.tracking.machines import Machines
from tests.mailer.receipts.tracking.agents import APPLE, BROWSER, GMAIL, OUTLOOK, PHONE

HOUR: Final = 3600.0
SENT: Final = 1_765_188_000.0
LINKS: Final = 14
_MACHINES: Final = Machines(b"a secret of the population")


@dataclass(frozen=True, slots=True)
class Truth:
    """A request, who made it, and at which organisation its recipient is."""

    request: TrackedRequest
    by_person: bool
    organisation: int


@dataclass(frozen=True, slots=True)
class Organisation:
    """People of one place: how many, what scans their mail, and what they read with."""

    number: int
    people: int
    scanner: str
    reader: str
    one_address: bool
    reads: bool


class Population:
    """Organisations of all sizes, with all requests about one issue."""

    def __init__(self, people: int = 20_000, seed: int = 2026) -> None:
        self._chance = Random(seed)
        self._copy = 0
        self.truths: list[Truth] = []
        self.readers: set[int] = set()  # copies that a person has read
        self.organisations: list[Organisation] = []
        while self._copy < people:
            self._organisation(len(self.organisations), people - self._copy)
        self.truths.sort(key=lambda truth: truth.request.at)

    def _organisation(self, number: int, room: int) -> None:
        chance = self._chance
        size = min(room, chance.choice([1, 2, 4, 8, 15, 30, 60, 120, 250]))
        here = Organisation(
            number,
            size,
            scanner=chance.choices(
                ["none", "safe links", "barracuda", "one by one", "sandbox", "library"],
                [38, 26, 16, 9, 6, 5],
            )[0],
            reader=chance.choices(["outlook", "phone", "apple", "gmail"], [50, 20, 18, 12])[0],
            one_address=chance.random() < 0.5,
            reads=chance.random() > 0.12,
        )
        self.organisations.append(here)
        for _ in range(size):
            self._copy += 1
            # 500 a second, and what the relay takes to answer.
            accepted = SENT + self._copy / 500 + chance.uniform(0, 0.3)
            self._scan(here, accepted)
            if here.reader == "apple":
                self._add(here, accepted + chance.expovariate(1 / 900), 0, APPLE, "17.58.2", False)
            if here.reads:
                self._read(here, accepted)

    # People.

    def _read(self, here: Organisation, accepted: float) -> None:
        chance = self._chance
        if chance.random() > 0.45:
            return
        self.readers.add(self._copy)
        opened = accepted + max(7.0, chance.lognormvariate(8.8, 1.7))
        agent, network = self._seat(here)
        if here.reader == "gmail":
            self._add(here, opened, 0, GMAIL, "66.249.84", True)
        elif here.reader != "apple" and chance.random() < 0.6:
            self._add(here, opened, 0, agent, network, True)
        if chance.random() > 0.4:
            return
        at = opened
        browser = BROWSER if here.reader == "outlook" else PHONE
        for _ in range(chance.choices([1, 2, 3, 5], [70, 20, 8, 2])[0]):
            at += max(2.5, chance.lognormvariate(3.0, 1.0))
            link = min(LINKS, 1 + int(chance.expovariate(1 / 3)))
            self._add(here, at, link, browser, network, True)

    def _seat(self, here: Organisation) -> tuple[str, str]:
        agent = OUTLOOK if here.reader == "outlook" else PHONE
        if here.one_address:
            return agent, f"81.{here.number // 250}.{here.number % 250}"
        return agent, f"82.{self._copy // 250 % 250}.{self._copy % 250}"

    # Machines.

    def _scan(self, here: Organisation, accepted: float) -> None:
        chance = self._chance
        match here.scanner:
            case "safe links":
                # A few links, from a data centre, by what calls itself a browser, within minutes.
                if chance.random() < 0.8:
                    at = accepted + chance.expovariate(1 / 4) + 0.2
                    network = f"20.{here.number % 200}.{chance.randrange(2)}"
                    for link in sorted(
                        chance.sample(range(1, LINKS + 1), chance.choice([1, 2, 4]))
                    ):
                        self._add(here, at, link, BROWSER, network, False)
                        at += chance.uniform(0.05, 1.5)
            case "barracuda":
                # Every link within seconds, each from another machine and browser.
                at = accepted + chance.uniform(0.5, 240)
                for link in range(1, LINKS + 1):
                    agent = f"{BROWSER} Build/{chance.randrange(9)}"
                    network = f"18.{chance.randrange(4)}.{chance.randrange(200)}"
                    self._add(here, at, link, agent, network, False)
                    at += chance.uniform(0.02, 0.4)
                self._add(here, at, 0, BROWSER, f"18.9.{chance.randrange(200)}", False)
            case "one by one":
                # An appliance in the house: at the address of its people, one link after another.
                at = accepted + chance.uniform(0.5, 20)
                network = f"81.{here.number // 250}.{here.number % 250}"
                for link in range(LINKS + 1):
                    self._add(here, at, link, f"{BROWSER} Edg/1{here.number % 9}", network, False)
                    at += chance.uniform(0.3, 4)
            case "sandbox":
                # A link or two, minutes later, by a provider that does so for many places.
                at = accepted + chance.uniform(20, 600)
                network = f"52.9.{chance.randrange(4)}"
                for link in chance.sample(range(1, LINKS + 1), chance.choice([1, 2])):
                    self._add(here, at, link, BROWSER, network, False)
                    at += chance.uniform(0.1, 5)
            case "library":
                at = accepted + chance.uniform(1, 3 * HOUR)
                for link in chance.sample(range(1, LINKS + 1), 2):
                    self._add(here, at, link, "python-requests/2.32", "34.5.6", False)
                    at += chance.uniform(5, 60)

    def _add(
        self, here: Organisation, at: float, link: int, agent: str, network: str, by_person: bool
    ) -> None:
        visitor = f"{network}.{1 + self._copy % 250}"
        seen = _MACHINES.look("GET", {"user-agent": agent}, visitor, 1)
        accepted = SENT + self._copy / 500
        self.truths.append(
            Truth(
                TrackedRequest(
                    self._copy, link, at, accepted, seen.source, of_letters(seen.letters)
                ),
                by_person,
                here.number,
            )
        )
