"""Wrong passwords: refused after a few, before any more are tried, and nobody else is kept out.

What is counted are failures: of a visitor for one account, of a visitor for all, and of an account
from everywhere. Only the last could keep its owner out, so it does not hold for a browser in which
that account was signed in before. A check takes a processor a while on purpose: one at a time is
made, a few wait for it, and whoever comes when those are waiting is asked to come again: most
threads are left to everybody else.
"""

import functools
import hashlib
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from flask import Flask, Response, current_app, make_response, request
from flask_security import current_user
from itsdangerous import BadSignature, URLSafeTimedSerializer

from mailer.web import forms
from mailer.web.limits import Attempts, limits, refuse, visitor

_HERE_FOR_ONE: Final = Attempts("passwords of an account", "10/10 minutes;30/hour")
_HERE: Final = Attempts("passwords of a visitor", "100/hour")
_FROM_EVERYWHERE: Final = Attempts("passwords from everywhere", "200/hour")
_COOKIE: Final = "circular_known"
_KNOWN_FOR: Final = 180 * 24 * 3600  # seconds
_PATIENCE: Final = 5.0  # seconds in which another check has to end
_IN_LINE: Final = 4  # of the threads that answer requests, at work on a check or waiting for it …
_OF_ONE_VISITOR: Final = 2  # … so that one visitor does not fill the line
_KNOWN_BESIDE: Final = 2  # more, for browsers in which the account was signed in before


class Line:
    """Whoever wants a password checked: one at a time, and only a few may wait."""

    def __init__(
        self,
        *,
        most: int = _IN_LINE,
        of_one: int = _OF_ONE_VISITOR,
        patience: float = _PATIENCE,
    ) -> None:
        self._most = most
        self._of_one = of_one
        self._patience = patience
        self._here: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._check = threading.Lock()

    @contextmanager
    def turn(self, who: str, *, is_known: bool = False) -> Iterator[None]:
        """The visitor's turn; the request ends with a 429 where there is no place to wait."""
        most = self._most + (_KNOWN_BESIDE if is_known else 0)
        with self._lock:
            if self._here.total() >= most or (self._here[who] >= self._of_one and not is_known):
                refuse(self._patience)
            self._here[who] += 1
        try:
            if not self._check.acquire(timeout=self._patience):
                refuse(self._patience)
            try:
                yield
            finally:
                self._check.release()
        finally:
            with self._lock:
                self._here[who] -= 1
                if not self._here[who]:
                    del self._here[who]


_line = Line()


def guard_passwords(view: Callable[..., Any]) -> Callable[..., Any]:
    """The library's view of a form with a password, behind these limits."""

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if request.method != "POST":
            return view(*args, **kwargs)
        account = _account()
        counts: list[tuple[Attempts, tuple[str, ...]]] = [
            (_HERE_FOR_ONE, (visitor(), account)),
            (_HERE, (visitor(),)),
        ]
        is_known = _is_known(account)
        if not is_known:
            counts.append((_FROM_EVERYWHERE, (account,)))
        _refuse_too_many(counts)
        with _line.turn(visitor(), is_known=is_known):
            _refuse_too_many(counts)  # whoever was before in the line may have been the last
            answer = make_response(view(*args, **kwargs))
            is_good = answer.status_code == 302 and current_user.is_authenticated
            if not is_good:
                for each, subjects in counts:
                    limits().count(each, *subjects)
        if is_good:
            _remember(answer)
        return answer

    guarded.reads = True  # type: ignore[attr-defined]  # no writer waits while a password is checked
    return guarded


def set_up(app: Flask) -> None:
    """Put the limits in front of the library's views that take a password."""
    for endpoint in ("security.login", "security.verify"):
        if endpoint in app.view_functions:
            app.view_functions[endpoint] = guard_passwords(app.view_functions[endpoint])


def _refuse_too_many(counts: list[tuple[Attempts, tuple[str, ...]]]) -> None:
    if wait := max(limits().look(each, *subjects) for each, subjects in counts):
        refuse(wait)


def _account() -> str:
    if current_user.is_authenticated:
        return str(current_user.email)
    return forms.posted().get("email", "")[:1000].strip().lower()


def _is_known(account: str) -> bool:
    try:
        found = _signer().loads(request.cookies.get(_COOKIE, ""), max_age=_KNOWN_FOR)
    except BadSignature:
        return False
    return bool(found == _digest(account))


def _remember(answer: Response) -> None:
    answer.set_cookie(
        _COOKIE,
        _signer().dumps(_digest(current_user.email)),
        max_age=_KNOWN_FOR,
        path="/login",
        httponly=True,
        samesite="Lax",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )


def _digest(account: str) -> str:
    return hashlib.sha256(account.encode()).hexdigest()


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.config["SECRET_KEY"]), salt="known browser")
