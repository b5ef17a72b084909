"""How long one copy takes, and one design: python -m tests.benches.compose."""

from statistics import median, quantiles
from time import perf_counter

from mailer.authoring.document import parse
from mailer.composition.composer import Composer
from mailer.composition.html import design
from mailer.composition.letter import Letter
from mailer.security.tokens import Purpose
from tests.mailer.composition.letters import TOKENS, alice, letter

TARGET_SIZE = 40_000
COPIES = 20_000


def bench_letter(paragraphs: int) -> Letter:
    """25 tracked links, 4 merge fields (one in the subject), about 40 kB of content."""
    link = "[read the report number {0}](https://library.coopcouncils.example/reports/{0})"
    sentence = "Residents chose their own surveyor, builders and the order of the houses. "
    texts = [f"{sentence * paragraphs} {link.format(number)}" for number in range(25)]
    texts[0] = "Dear {{first_name|friend}} at {{organisation|your council}},\n\n" + texts[0]
    texts[-1] += "\n\nThank you, {{name|colleague}}."
    blocks = [{"type": "text", "text": "\n\n".join(texts)}]
    document = parse({"version": 1, "blocks": blocks})
    return letter(document, subject="{{first_name|Friend}}, the December news")


def letter_of_40_kb() -> Letter:
    """The shortest that reaches the size."""
    for paragraphs in range(1, 40):
        made = bench_letter(paragraphs)
        if len(Composer(made, tokens=TOKENS).compose(alice()).content) >= TARGET_SIZE:
            return made
    raise AssertionError("the letter does not grow")


def run() -> None:
    made = letter_of_40_kb()
    composer = Composer(made, tokens=TOKENS)
    design._inlined.cache_clear()
    started = perf_counter()
    copy = composer.compose(alice())
    designed = perf_counter() - started
    started = perf_counter()
    composer.compose(alice(counted=False))
    framed = perf_counter() - started
    recipients = [
        alice(
            delivery_id=number,
            address=f"person{number}@council{number % 400}.example",
            first_name=f"First{number % 900}",
            name=f"First{number % 900} Last{number}",
            organisation=f"Council {number % 400}",
        )
        for number in range(COPIES)
    ]
    times = [timed(lambda: composer.compose(recipient)) for recipient in recipients]  # noqa: B023
    sealing = [timed(lambda: seal(number)) for number in range(5_000)]  # noqa: B023
    print(f"content            {len(copy.content):,} octets, {len(made.links)} tracked links")
    print(f"design + frame     {designed * 1e3:.0f} ms for the first variant")
    print(f"another frame      {framed * 1e3:.0f} ms for the same blocks uncounted")
    print(
        f"one copy           {median(times):.1f} µs median, {quantiles(times, n=20)[-1]:.1f} µs p95"
    )
    print(f"  of it, 4 tokens  {median(sealing):.1f} µs median")


def seal(delivery: int) -> None:
    TOKENS.seal_for_mail(Purpose.RETURN, delivery)
    TOKENS.seal_for_mail(Purpose.MESSAGE, delivery)
    TOKENS.seal(Purpose.CHOICES, delivery)
    TOKENS.seal(Purpose.TRACK, delivery, 12)


def timed(action) -> float:  # type: ignore[no-untyped-def]
    started = perf_counter()
    action()
    return (perf_counter() - started) * 1e6


if __name__ == "__main__":
    run()
