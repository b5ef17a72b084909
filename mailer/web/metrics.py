"""Numbers for monitoring, in the text format of Prometheus.

Read on this machine and by its own name they need no token, as long as no PUBLIC_URL is set: behind
a proxy everybody looks like this machine.
"""

import threading
import time
from collections.abc import Callable, Iterable
from typing import Final
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, request
from flask.sansio.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from mailer.models import Power
from mailer.operations.metrics import Measure, measures
from mailer.settings.hosts import is_loopback
from mailer.web.api import bearer
from mailer.web.front.environ import PROXIED
from mailer.web.policy import policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("metrics", __name__)
_MIMETYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_FRESH: Final = 5.0  # seconds an answer is good for …
_SHARE: Final = 20  # … or this many times what it took, so that nobody can keep us busy counting
_PROXIED: Final = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


class Kept:
    """A text that is made again when it is too old, by one thread at a time."""

    def __init__(self, tell_time: Callable[[], float] = time.monotonic) -> None:
        self._tell_time = tell_time
        self._lock = threading.Lock()
        self._text = ""
        self._good_until: float | None = None

    def get(self, make: Callable[[], str]) -> str:
        """The text that is kept, or a new one. Whoever comes while it is made gets the old one."""
        if not self._lock.acquire(blocking=not self._text):
            return self._text
        try:
            began = self._tell_time()
            if self._good_until is None or began >= self._good_until:
                self._text = make()
                ended = self._tell_time()
                self._good_until = ended + max(_FRESH, _SHARE * (ended - began))
            return self._text
        finally:
            self._lock.release()


@blueprint.record
def keep(state: BlueprintSetupState) -> None:
    """Each application keeps an answer of its own."""
    state.app.extensions["metrics"] = Kept()


@blueprint.get("/metrics")
@policy(Power.VIEWER)
def show() -> ResponseReturnValue:
    """Everything there is to measure."""
    kept: Kept = current_app.extensions["metrics"]
    return Response(kept.get(_now), content_type=_MIMETYPE)


def admit(power: Power) -> None:
    """Let this machine in, or whoever shows a token with this power."""
    if "Authorization" in request.headers or this_mailer().settings.public_url or not _is_near():
        bearer.admit(power)


def _is_near() -> bool:
    """Whether this machine asks for itself: a proxy on it may ask for anybody."""
    proxied = request.environ.get(PROXIED) or any(name in request.headers for name in _PROXIED)
    name = (urlsplit(request.host_url).hostname or "").rstrip(".")
    return is_loopback(request.remote_addr or "") and is_loopback(name) and not proxied


DOORS: Final = {blueprint.name: admit}


def text(found: Iterable[Measure]) -> str:
    """The measures in the text format, version 0.0.4."""
    lines: list[str] = []
    for measure in found:
        name = f"circular_{measure.name}"
        lines += [f"# HELP {name} {measure.words}", f"# TYPE {name} gauge"]
        for labels, value in measure.samples:
            label_text = ",".join(f'{label}="{_escaped(word)}"' for label, word in labels.items())
            lines.append(
                f"{name}{{{label_text}}} {_number(value)}"
                if label_text
                else f"{name} {_number(value)}"
            )
    return "\n".join(lines) + "\n"


def _now() -> str:
    here = this_mailer()
    return text(measures(session(), here.settings, now=here.clock()))


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
