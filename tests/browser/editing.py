"""A page of nothing but our scripts, for tests of what they do to words and nodes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, Route

_STATIC: Final = Path(__file__).resolve().parents[2] / "mailer/web/static"
_SITE: Final = "http://editor.example/"
_TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
# The pages' own policy, as far as it matters here.
_POLICY: Final = "default-src 'self'; style-src 'self'; script-src 'self'; img-src 'self' data:"


@contextmanager
def page_with(browser: Browser, body: str, module: str = "") -> Iterator[Page]:
    """A page of that body, with the styles and our scripts, and no network; ``module`` runs."""
    started = "<script type=module src=/start.js></script>" if module else ""
    styles = "".join(
        f'<link rel=stylesheet href="/static/css/{name}.css">'
        for name in ("tokens", "base", "layout", "components", "pages")
    )

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(_SITE).partition("?")[0]
        file = _STATIC / path.removeprefix("static/")
        if path == "":
            route.fulfill(
                body=f"<!doctype html><html lang=en><title>Editor</title>{styles}{started}{body}",
                content_type="text/html; charset=utf-8",
                headers={"Content-Security-Policy": _POLICY},
            )
        elif path == "start.js":
            route.fulfill(body=module, content_type="text/javascript")
        elif path.startswith("static/") and file.is_file():
            route.fulfill(body=file.read_bytes(), content_type=_TYPES.get(file.suffix, ""))
        else:
            route.fulfill(status=404, body="")

    context = browser.new_context()
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.set_default_timeout(8_000)
    page.route("**/*", answer)
    page.goto(_SITE)
    yield page
    context.close()
