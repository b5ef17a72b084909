"""Pictures of the pages: ``python -m tests.screenshots [FOLDER]``.

It serves a demo network in a temporary folder, on loopback, and ends by itself. Without FOLDER it
takes the pictures that the README shows. With one it takes every page in full, and the composer in
its states, at 1440, 390 and 320 pixels, light and dark, before the issue is sent to the catcher and
after, for a person to look at.
"""

import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from click import echo
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

from app import create_app
from mailer.bootstrap import bootstrap
from mailer.settings.environment import Settings
from tests.browser.conftest import ROOT, Served, serving

Scheme = Literal["light", "dark"]

_README: Final = ROOT / "docs" / "screenshots"
_SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")
_WIDTHS: Final = (1440, 390, 320)
_STARTS: Final = (
    "/",
    "/join/members-update",
    "/caught/",
    "/account/",
    "/components",
    "/nothing-is-here",
)
_COMPOSER: Final = {  # its states, by what its address asks for
    "open": "open=retrofit",
    "events": "open=events",
    "subject": "open=head",
    "palette": "add=retrofit",
    "move": "move=retrofit",
    "preview": "tab=preview",
    "checks": "tab=checks",
}
_ISSUE: Final = re.compile(r"/issues/members-update/\d{4}-\d{2}")


def main() -> int:
    """Take the pictures; the exit status is 0 only if that worked."""
    chromium = shutil.which("chromium")
    if chromium is None:
        echo("Chromium is missing: on Debian, apt install chromium.", err=True)
        return 1
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder)) as served,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        if target is None:
            _for_the_readme(browser, served)
        else:
            _all_pages(browser, served, target)
        browser.close()
    return 0


def _for_the_readme(browser: Browser, served: Served) -> None:
    context = _signed_in(browser, served, "light")
    page = context.new_page()
    issue = _issue(page, served)
    _take(page, served, "/", _README / "home.png")
    context.close()
    context = _signed_in(browser, served, "dark")
    opened = f"{issue}/compose?open=food"
    _take(context.new_page(), served, opened, _README / "composer-dark.png")
    context.close()


def _all_pages(browser: Browser, served: Served, target: Path) -> None:
    """Every page that links lead to, one for each route: before the issue is sent, and after."""
    context = _signed_in(browser, served, "light")
    page = context.new_page()
    issue = _issue(page, served)
    seen: set[str] = set()
    states = {f"composer-{name}": f"{issue}/compose?{query}" for name, query in _COMPOSER.items()}
    _every_look(browser, served, dict(_routes(page, served, seen, _STARTS)) | states, target)
    _send(page, served, issue)
    sent = (f"{issue}/send", f"{issue}/report")
    _every_look(browser, served, dict(_routes(page, served, seen, sent)), target)
    context.close()


def _every_look(browser: Browser, served: Served, paths: dict[str, str], target: Path) -> None:
    for scheme in _SCHEMES:
        for width in _WIDTHS:
            context = _signed_in(browser, served, scheme, width=width)
            page = context.new_page()
            for name, path in paths.items():
                picture = target / f"{width}-{scheme}" / f"{name}.png"
                _take(page, served, path, picture, full=True)
            context.close()


def _routes(
    page: Page, served: Served, seen: set[str], starts: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    """Name and path of a page of each route not yet ``seen``, by following links."""
    known = create_app(bootstrap(Settings(data_dir=served.folder))).url_map.bind("localhost")
    waiting = [*starts]
    while waiting:
        path = waiting.pop(0)
        name = _route(known, path)
        if name in seen:
            continue
        seen.add(name)
        try:
            answer = page.goto(served.site + path)
        except Error:  # a file to keep, and no page
            continue
        if answer is None or "html" not in answer.headers.get("content-type", ""):
            continue
        yield name, path
        links: list[str] = page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
        waiting.extend(urlsplit(link).path for link in links if link.startswith(served.site + "/"))


def _route(known: MapAdapter, path: str) -> str:
    try:
        endpoint, _ = known.match(path)
    except HTTPException:  # whatever has no route is one kind of page
        return "not-found"
    return re.sub(r"\W+", "-", endpoint)


def _signed_in(
    browser: Browser, served: Served, scheme: Scheme, *, width: int = 1280
) -> BrowserContext:
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,
        locale="en-GB",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(served.sign_in_link())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(served.site + "/")
    page.close()
    return context


def _issue(page: Page, served: Served) -> str:
    page.goto(served.site)
    found = _ISSUE.search(page.content())
    if found is None:
        raise LookupError("The home page of the demo names no issue.")
    return found[0]


def _send(page: Page, served: Served, issue: str) -> None:
    page.goto(f"{served.site}{issue}/send")
    page.get_by_role("button", name=re.compile("Send to .* now")).click()
    until = time.monotonic() + 60
    while not page.locator("h2", has_text="Done:").count():
        if time.monotonic() > until:
            raise TimeoutError("The issue of the demo was not sent within a minute.")
        page.wait_for_timeout(500)
        page.reload()


def _take(page: Page, served: Served, path: str, picture: Path, *, full: bool = False) -> None:
    picture.parent.mkdir(parents=True, exist_ok=True)
    page.goto(served.site + path)
    page.screenshot(path=picture, full_page=full)
    echo(picture)


if __name__ == "__main__":
    sys.exit(main())
