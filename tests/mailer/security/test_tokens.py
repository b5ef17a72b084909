"""Tokens: opaque, bound to a purpose, unforgeable."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.security.tokens import Purpose, Tokens

tokens = Tokens(b"a secret for tests, and long enough")


@given(st.integers(0, 2**48 - 1), st.integers(0, 2**32 - 1), st.sampled_from(list(Purpose)))
def test_what_was_sealed_is_what_is_opened(first: int, second: int, purpose: Purpose) -> None:
    web, mail = tokens.seal(purpose, first, second), tokens.seal_for_mail(purpose, first, second)

    assert tokens.open(purpose, web) == (first, second)
    assert tokens.open_from_mail(purpose, mail) == (first, second)
    assert tokens.open_from_mail(purpose, mail.upper()) == (first, second)


def test_a_return_path_token_is_lower_case_and_short() -> None:
    token = tokens.seal_for_mail(Purpose.RETURN, 2**47, 2**31)

    assert re.fullmatch(r"[0-9a-f]{40}", token)


def test_a_token_for_one_purpose_opens_nothing_else() -> None:
    token = tokens.seal(Purpose.TRACK, 7, 3)

    assert tokens.open(Purpose.CHOICES, token) is None


@pytest.mark.parametrize("position", range(32))
def test_any_changed_character_breaks_the_token(position: int) -> None:
    token = tokens.seal(Purpose.TRACK, 7, 3)
    other = "A" if token[position] != "A" else "B"

    assert tokens.open(Purpose.TRACK, token[:position] + other + token[position + 1 :]) is None


@given(st.text(max_size=40))
def test_any_text_as_a_token_is_refused_without_an_error(text: str) -> None:
    assert tokens.open(Purpose.TRACK, text) is None
    assert tokens.open_from_mail(Purpose.RETURN, text) is None


def test_neighbouring_ids_look_unrelated() -> None:
    first, second = (tokens.seal(Purpose.TRACK, number) for number in (1000, 1001))

    assert sum(a == b for a, b in zip(first, second, strict=True)) < 12


def test_another_secret_opens_nothing() -> None:
    token = tokens.seal(Purpose.TRACK, 7)

    assert Tokens(b"another secret").open(Purpose.TRACK, token) is None
