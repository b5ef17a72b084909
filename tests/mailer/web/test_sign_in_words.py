"""Nothing that a library says by itself reaches a page: what happened is said in our words."""

import re
from typing import Final

import pytest
from flask import Flask, abort
from flask_security.core import _default_messages
from werkzeug.exceptions import default_exceptions

from mailer.web.policy import public
from mailer.web.sign_in.words import WORDS
from tests.mailer.web.browser import Browser, visible_text

# Which messages only a feature says, and the settings that have to keep it off.
_PASSWORDS: Final = ("REGISTERABLE", "RECOVERABLE", "CHANGEABLE")
_CODES: Final = ("TWO_FACTOR", "UNIFIED_SIGNIN", "MULTI_FACTOR_RECOVERY_CODES", "WEBAUTHN")
_OFF: Final[dict[str, tuple[str, ...]]] = {
    r"TWO_FACTOR_\w+": ("TWO_FACTOR",),
    r"US_(CURRENT|METHOD|SETUP)\w+|GENERIC_US_SIGNIN|USE_CODE|PHONE_INVALID": _CODES,
    r"WEBAUTHN_\w+": ("WEBAUTHN",),
    r"USERNAME_(?!RECOVERY)\w+": ("USERNAME_ENABLE",),
    r"USERNAME_RECOVERY_REQUEST": ("USERNAME_RECOVERY",),
    r"CHANGE_EMAIL_\w+": ("CHANGE_EMAIL",),
    r"OAUTH_HANDSHAKE_ERROR": ("OAUTH_ENABLE",),
    r"REFRESH_TOKEN_INVALID": ("REFRESH_TOKEN",),
    r"(LOGIN_(EXPIRED|EMAIL_SENT)|INVALID_LOGIN_TOKEN|PASSWORDLESS_\w+)": ("PASSWORDLESS",),
    r"CONFIRM\w+|EMAIL_CONFIRMED|ALREADY_CONFIRMED|INVALID_CONFIRMATION_TOKEN": ("CONFIRMABLE",),
    r"(EMAIL|IDENTITY)_ALREADY_ASSOCIATED": ("REGISTERABLE", "CHANGE_EMAIL"),
    r"GENERIC_RECOVERY|PASSWORD_RESET\w*|INVALID_RESET_PASSWORD_TOKEN": ("RECOVERABLE",),
    r"(RETYPE_)?PASSWORD_MISMATCH|PASSWORD_(INVALID_LENGTH|TOO_SIMPLE|IS_THE_SAME|CHANGE)": (
        _PASSWORDS
    ),
    r"PASSWORD_BREACHED\w*": ("PASSWORD_CHECK_BREACHED",),
    r"\w*CODES?(_\w+)?": _CODES,
    r"REAUTHENTICATION_SUCCESSFUL": _CODES,  # and a page of its own, which is not there
}


@pytest.mark.parametrize("key", sorted(_default_messages))
def test_every_message_is_in_our_words_or_is_never_said(app: Flask, key: str) -> None:
    if key in WORDS:
        sentence, _ = app.config[f"SECURITY_MSG_{key}"]
        assert sentence == WORDS[key][0] != str(_default_messages[key][0])
        assert sentence[-1] in ".?"
        return
    settings = [names for pattern, names in _OFF.items() if re.fullmatch(pattern, key)]
    assert settings, f"the library says {key}, for which there are no words"
    assert not any(app.config[f"SECURITY_{name}"] for name in settings[0])


def test_only_the_pages_with_words_of_ours_are_there(app: Flask) -> None:
    theirs = {rule.endpoint for rule in app.url_map.iter_rules() if "security" in rule.endpoint}

    assert theirs == {"security.login", "security.logout", "security.static"}


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ({"email": "nobody@one.example", "password": "wrong"}, "GENERIC_AUTHN_FAILED"),
        ({"email": "nobody", "password": "wrong"}, "GENERIC_AUTHN_FAILED"),
        ({"email": "nobody@one.example", "password": ""}, "GENERIC_AUTHN_FAILED"),
        ({"email": "", "password": "wrong"}, "GENERIC_AUTHN_FAILED"),
    ],
)
def test_a_sign_in_that_fails_says_what_to_do(
    visitor: Browser, typed: dict[str, str], key: str
) -> None:
    seen = visible_text(visitor.submit("/login", typed))

    assert WORDS[key][0] in seen
    ours = [said for said, _ in WORDS.values()]
    for default, _ in _default_messages.values():
        assert str(default) in ours or str(default) not in seen


@pytest.mark.parametrize("code", sorted(default_exceptions))
def test_no_status_is_told_in_the_web_servers_words(
    app: Flask, visitor: Browser, code: int
) -> None:
    @public
    def fails() -> str:
        abort(code)

    app.add_url_rule("/fails", view_func=fails)

    seen = visible_text(visitor.get("/fails"))

    assert str(default_exceptions[code].description)[:40] not in seen
    assert "Circular" in seen
