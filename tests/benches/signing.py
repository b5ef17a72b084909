"""What a signature costs beside the bare RSA operation: python -m tests.benches.signing."""

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from statistics import median
from time import perf_counter

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from mailer.composition.composer import Composer
from mailer.composition.dkim.keys import Algorithm, generate, load
from mailer.composition.dkim.signing import Signer
from tests.benches.compose import letter_of_40_kb
from tests.mailer.composition.letters import TOKENS, alice

ROUNDS = 40
A_ROUND = 50
DOMAIN = "coopcouncils.example"


def run() -> None:
    content = Composer(letter_of_40_kb(), tokens=TOKENS).compose(alice()).content
    now = datetime(2026, 12, 8, 10, 0, tzinfo=UTC)
    rsa = load(generate(Algorithm.RSA), DOMAIN, "2026a")
    ed25519 = load(generate(Algorithm.ED25519), DOMAIN, "2026b")
    assert isinstance(rsa.private, RSAPrivateKey)
    private, padding, digest = rsa.private, PKCS1v15(), SHA256()
    header = content[: content.find(b"\r\n\r\n")]
    alone, small, both = Signer([rsa]), Signer([ed25519]), Signer([rsa, ed25519])
    measured = compared(
        {
            "bare RSA-2048": lambda: private.sign(header, padding, digest),
            "  and the body's hash": lambda: (
                private.sign(header, padding, digest),
                sha256(content).digest(),
            ),
            "signed, RSA": lambda: alone.sign(content, now=now),
            "signed, Ed25519": lambda: small.sign(content, now=now),
            "signed, both": lambda: both.sign(content, now=now),
        }
    )
    bare = measured["bare RSA-2048"]
    print(f"{len(content):,} octets, one thread")
    for name, took in measured.items():
        rate = f"{1e6 / took:7,.0f} a second"
        print(f"{name:24} {took:6.0f} µs  {rate}  {bare / took:.2f} of bare RSA")


def compared(actions: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Microseconds for each, in turns, so that a busy moment of the machine meets them alike."""
    times: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(ROUNDS):
        for name, action in actions.items():
            started = perf_counter()
            for _ in range(A_ROUND):
                action()
            times[name].append((perf_counter() - started) / A_ROUND * 1e6)
    return {name: median(each) for name, each in times.items()}


if __name__ == "__main__":
    run()
