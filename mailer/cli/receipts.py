"""``flask receipts``: mail that came back, taken in from files."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import click
from flask.cli import AppGroup

from mailer.bootstrap import Mailer
from mailer.campaigns import editing
from mailer.cli.output import ROW_NUMBER, as_json, mailer, ready, say, sentences
from mailer.errors import NotAllowed
from mailer.receipts.consequences import apply
from mailer.receipts.incoming.mbox import messages_in
from mailer.receipts.matching import MatchedReport, match_report
from mailer.receipts.tracking import classifying

receipts = AppGroup("receipts", help="What comes back: bounces, complaints, unsubscribes.")


@receipts.command("ingest")
@click.argument("path")
@as_json
@sentences
def ingest(path: str, as_json: bool) -> None:
    """Take in bounces and complaints: a message a file, an mbox, a folder of them, or - ."""
    found: list[dict[str, Any]] = []
    changed = 0
    here = mailer()
    checked = False
    for name, message in _messages(path):
        for matched in match_report(message, tokens=here.tokens):
            if matched.about and not checked:
                checked = bool(ready())
            changed += _take_in(here, matched)
            found.append(_report_json(name, matched))
    lines = [
        " ".join(str(each[name]) for name in ("file", "kind", "reason", "status", "recipient"))
        for each in found
    ]
    lines.append(f"{len(found)} read, {changed} changed something.")
    say(as_json, {"messages": found}, "\n".join(lines))


@receipts.command("judge")
@click.argument("campaign_id", type=ROW_NUMBER)
@as_json
@sentences
def judge(campaign_id: int, as_json: bool) -> None:
    """Judge anew which opens and clicks of an issue a person made, by the rules of now."""
    here = ready()
    with here.database.reading() as session:
        editing.find(session, campaign_id)
    seen, changed = classifying.judge_again(here.database, campaign_id)
    sentence = f"{seen:,} opens and clicks judged, {changed:,} of them otherwise than before."
    say(as_json, {"judged": seen, "changed": changed}, sentence)


def _take_in(here: Mailer, matched: MatchedReport) -> bool:
    # Without a token of ours there is nothing to write, and so no database is needed.
    if matched.about is None:
        return False
    with here.database.writing() as session:
        return apply(session, matched, now=here.clock())


def _report_json(name: str, matched: MatchedReport) -> dict[str, Any]:
    return {
        "file": name,
        "recipient": matched.report.recipient or None,
        "delivery": matched.about.delivery_id if matched.about else None,
        "kind": matched.report.kind.value,
        "reason": matched.report.reason,
        "status": matched.report.status,
    }


def _messages(path: str) -> Iterator[tuple[str, bytes]]:
    if path == "-":
        yield from (("-", message) for message in messages_in(sys.stdin.buffer))
        return
    place = Path(path)
    if not place.exists():
        raise NotAllowed(f"There is no file or folder {path}.")
    files = (
        sorted(each for each in place.rglob("*") if each.is_file()) if place.is_dir() else [place]
    )
    for file in files:
        yield from ((str(file), message) for message in messages_in(_opened(file)))


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise NotAllowed(f"{path} cannot be read: {error.strerror}.") from None
