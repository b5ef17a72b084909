"""A page of every kind that links of a served network lead to."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

from app import create_app
from mailer.bootstrap import bootstrap
from mailer.settings.environment import Settings
from tests.browser.conftest import Served

_ISSUE: Final = re.compile(r"/issues/members-update/\d{4}-\d{2}")
# What no link of a page leads to, or only links of pages that a network has later.
STARTS: Final = (
    "/",
    "/join/members-update",
    "/join/none",
    "/choices",
    "/p/broken",
    "/caught/",
    "/account",
    "/components",
    "/search?q=a",
    "/receipts/to-look-at",
    "/nothing-is-here",
)
# Pages that are shown inside others and are mail, and files.
_FRAMES: Final = ("preview", "body", "static", "strip", "picture_files", "logout")


def issue_of(context: BrowserContext, served: Served) -> str:
    """The path of the issue that the home page is about."""
    found = _ISSUE.search(context.request.get(served.site).text())
    if found is None:
        raise LookupError("The home page of the demo names no issue.")
    return found[0]


def states_of_the_composer(issue: str) -> dict[str, str]:
    """Name and path of what the composer's address can ask for."""
    compose = f"{issue}/compose"
    return {
        "composer-block": f"{compose}?open=retrofit#b-retrofit",
        "composer-events": f"{compose}?open=events#b-events",
        "composer-head": f"{compose}?open=head",
        "composer-palette": f"{compose}?add=retrofit",
        "composer-move": f"{compose}?move=retrofit",
        "composer-preview": f"{compose}?tab=preview",
        "composer-phone": f"{compose}?tab=preview&width=phone&dark=yes",
        "composer-text": f"{compose}?tab=preview&width=text",
        "composer-checks": f"{compose}?tab=checks",
    }


def pages_of(
    context: BrowserContext,
    served: Served,
    seen: set[str],
    starts: tuple[str, ...] = STARTS,
) -> Iterator[tuple[str, str]]:
    """Name and path of a page of each route not yet ``seen``, by following links."""
    known = create_app(bootstrap(Settings(data_dir=served.folder))).url_map.bind("localhost")
    waiting = [*starts]
    while waiting:
        path = waiting.pop(0)
        name = _route(known, path)
        if name in seen or any(frame in name for frame in _FRAMES):
            continue
        seen.add(name)
        answer = context.request.get(served.site + path)
        if "html" not in answer.headers.get("content-type", ""):
            continue
        if "sandbox" in answer.headers.get("content-security-policy", ""):
            continue  # mail for a frame, which runs nothing, and so no axe
        yield name, path
        links = re.findall(r'href="(/[^"#]*)', answer.text())
        waiting.extend(urlsplit(link).path for link in links)


def _route(known: MapAdapter, path: str) -> str:
    try:
        endpoint, _ = known.match(path.partition("?")[0])
    except HTTPException:  # whatever has no route is one kind of page
        return "not-found"
    return re.sub(r"\W+", "-", endpoint)
