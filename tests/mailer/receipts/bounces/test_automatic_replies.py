"""Automatic replies: never a bounce, whatever they say."""

import pytest

from mailer.receipts.bounces import BounceKind, read
from tests.mailer.receipts.bounces.samples import EXIM, VACATION, WANTED, prose


def away(subject: str, header: str = "", body: str = "Back on Monday.") -> bytes:
    return prose(body, sender=f"Alice <{WANTED}>", subject=subject, header=header)


def test_a_vacation_reply_names_who_is_away() -> None:
    report = read(VACATION)[0]

    assert (report.kind, report.reason, report.recipient) == (
        BounceKind.VACATION,
        "vacation",
        WANTED,
    )


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied (vacation)\n",
        "X-Autoreply: yes\n",
        "X-Autorespond: 1\n",
        "X-Auto-Reply-From: alice@council.example\n",
        "Precedence: auto_reply\n",
        "X-Precedence: auto-reply\n",
        "X-Vacation: yes\n",
    ],
)
def test_a_header_field_of_auto_responders_is_enough(header: str) -> None:
    assert read(away("Re: News", header))[0].kind is BounceKind.VACATION


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: News",
        "Out of Office: News",
        "Out of the office",
        "Auto: News",
        "Autoreply: News",
        "Vacation reply",
        "Automatische Antwort: Neues",
        "Abwesenheitsnotiz",
        "Réponse automatique : nouvelles",
        "Absence du bureau",
        "Respuesta automática: noticias",
        "Fuera de la oficina",
        "Risposta automatica: notizie",
        "Automatisch antwoord: nieuws",
        "Autosvar: nyheter",
        "Odpowiedź automatyczna: nowości",
        "Resposta automática: novidades",
        "Автоответ: новости",
        "自動返信: お知らせ",
        "自动回复: 新闻",
        "Ateb awtomatig: newyddion",
        "=?utf-8?B?UsOpcG9uc2UgYXV0b21hdGlxdWUgOiBub3V2ZWxsZXM=?=",
    ],
)
def test_a_customary_subject_is_enough(subject: str) -> None:
    assert read(away(subject))[0].kind is BounceKind.VACATION


@pytest.mark.parametrize(
    "body",
    [
        "I am no longer with the council; my mailbox is closed.",
        "This account is disabled. User unknown here.",
        "My mailbox is full until Monday.",
        "Please write to bob@council.example, 550 5.1.1 user unknown.",
    ],
)
def test_an_automatic_reply_gives_no_bounce(body: str) -> None:
    report = read(away("Automatic reply: News", "Auto-Submitted: auto-replied\n", body))[0]

    assert report.kind is BounceKind.VACATION


def test_a_bounce_that_calls_itself_a_reply_is_a_bounce() -> None:
    assert read(EXIM)[0].kind is BounceKind.SOFT


def test_a_bounce_that_calls_itself_a_reply_and_gives_no_reason_is_a_bounce() -> None:
    message = EXIM.replace(b"550 5.2.2 Mailbox is full", b"whirr")

    assert [(r.kind, r.reason) for r in read(message)] == [(BounceKind.SOFT, "onhold")]


def test_a_postmaster_may_be_away_as_well() -> None:
    message = prose(
        "The mailbox of bob@council.example is full; it could not be delivered.",
        sender="postmaster@council.example",
        subject="Automatic reply: News",
        header="Auto-Submitted: auto-replied\n",
    )

    assert read(message)[0].kind is BounceKind.VACATION


@pytest.mark.parametrize("header", ["Auto-Submitted: no\n", "X-Autoreply: no\n", ""])
def test_an_ordinary_reply_is_no_automatic_one(header: str) -> None:
    message = prose(
        "Thank you!",
        sender=WANTED,
        subject="Re: Out of office hours",
        header=header,
        path=f"<{WANTED}>",
    )

    assert read(message)[0].kind is BounceKind.NONE
