"""The wire alone: our pipelined client against Postfix's own generator on the same sink.

Run with ``python -m tests.benches.send_wire``. Rounds are interleaved, since machines are noisy;
the ratio is taken within each round.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from mailer.delivery.smtp.client import Connection, Envelope, Fate, RelayAddress

CONNECTIONS = 8
SIZE = 40_000
MESSAGES = 4_000
ROUNDS = 5


def run(messages: int = MESSAGES, rounds: int = ROUNDS) -> None:
    """Print messages a second of each round, the medians and the median ratio."""
    ours: list[float] = []
    theirs: list[float] = []
    with _sink() as port:
        for number in range(1, rounds + 1):
            theirs.append(_rate(messages, lambda: _generator(port, messages)))
            ours.append(_rate(messages, lambda: _client(port, messages)))
            print(f"round {number}: smtp-source {theirs[-1]:,.0f}/s, circular {ours[-1]:,.0f}/s")
    ratio = median(mine / other for mine, other in zip(ours, theirs, strict=True))
    print(f"smtp-source {median(theirs):,.0f}/s, circular {median(ours):,.0f}/s, ratio {ratio:.2f}")


def _rate(messages: int, work: object) -> float:
    assert callable(work)
    begun = time.perf_counter()
    work()
    return messages / (time.perf_counter() - begun)


def _client(port: int, messages: int) -> None:
    address = RelayAddress("127.0.0.1", port)
    line = b"A line of a newsletter, as long as most of them are, and no longer.\r\n"
    head = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: bench\r\n\r\n"
    body = (line * (SIZE // len(line) + 1))[: SIZE - len(head) - 2] + b"\r\n"

    def carry(share: int) -> int:
        with Connection.open(address, hello_name="bench.example") as connection:
            outcomes = connection.send(
                Envelope(n, "a@example.org", f"b{n}@example.org", head + body, wire_ready=True)
                for n in range(share)
            )
            return sum(outcome.fate is Fate.ACCEPTED for outcome in outcomes)

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        accepted = sum(pool.map(carry, [messages // CONNECTIONS] * CONNECTIONS))
    assert accepted == messages


def _generator(port: int, messages: int) -> None:
    options = f"-d -l {SIZE} -s {CONNECTIONS} -m {messages} -M bench.example"
    addresses = f"-f a@example.org -t b@example.org 127.0.0.1:{port}"
    subprocess.run([_tool("smtp-source"), *options.split(), *addresses.split()], check=True)


@contextmanager
def _sink() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    as_user = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = subprocess.Popen([_tool("smtp-sink"), *as_user, f"127.0.0.1:{port}", "256"])
    try:
        for _ in range(50):
            time.sleep(0.1)
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
        yield port
    finally:
        process.terminate()
        process.wait()


def _tool(name: str) -> str:
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/lib/postfix/sbin")
    if found is None:
        sys.exit(f"{Path(__file__).name} needs {name}, which comes with Postfix.")
    return found


if __name__ == "__main__":
    run(*(int(word) for word in sys.argv[1:]))
