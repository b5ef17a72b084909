"""A browser without a screen: it keeps cookies and sends forms as a person does."""

import re
from collections.abc import Mapping
from typing import Any, Final

from flask import Flask
from werkzeug.test import TestResponse

_HOST: Final = "news.network.example"
SITE: Final = f"https://{_HOST}"
_TOKEN: Final = re.compile(r'name="csrf_token"[^>]*? value="([^"]+)"')
_REVISION: Final = re.compile(r'name="revision"[^>]*? value="([^"]+)"')


class Browser:
    """One person's browser on one application."""

    def __init__(self, app: Flask) -> None:
        self._client = app.test_client()

    def cookie(self, name: str = "circular") -> str:
        """What this browser keeps under a name; nothing where it keeps none."""
        kept = self._client.get_cookie(name, domain=_HOST)
        return kept.value if kept else ""

    def copy(self) -> "Browser":
        """Another browser with the same session cookie, as a thief would have it."""
        other = Browser(self._client.application)
        other._client.set_cookie("circular", self.cookie(), domain=_HOST)
        return other

    def get(self, path: str, **more: Any) -> TestResponse:
        return self._client.get(path, base_url=SITE, **more)

    def head(self, path: str) -> TestResponse:
        return self._client.head(path, base_url=SITE)

    def submit(
        self,
        page: str,
        data: Mapping[str, Any] | None = None,
        *,
        to: str = "",
        follow: bool = True,
        headers: Mapping[str, str] | None = None,
    ) -> TestResponse:
        """Fill in the form of ``page`` and send it, to ``to`` where its button says so."""
        shown = self.get(page).text
        token, seen = _TOKEN.search(shown), _REVISION.findall(shown)
        assert token, f"{page} has no form"
        hidden = {"csrf_token": token[1], **({"revision": seen[-1]} if seen else {})}
        return self._client.post(
            to or page,
            data={**hidden, **(data or {})},
            base_url=SITE,
            headers={"Referer": SITE + page, **(headers or {})},
            follow_redirects=follow,
        )

    def post(self, path: str, **more: Any) -> TestResponse:
        """A POST of this browser that no form has made."""
        return self._client.post(path, base_url=SITE, **more)

    def post_bare(self, path: str, **more: Any) -> TestResponse:
        """A POST as programs make it: no cookie, no token of a form, no referrer."""
        return self._client.application.test_client(use_cookies=False).post(
            path, base_url=SITE, **more
        )


def visible_text(answer: TestResponse) -> str:
    """The text of a page without markup, with single spaces."""
    body = re.sub(r"<(script|style|head)\b.*?</\1>", " ", answer.text, flags=re.S)
    text = re.sub(r"<[^>]+>", " ", body)
    for entity, char in (("&#39;", "'"), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")):
        text = text.replace(entity, char)
    return " ".join(text.split())
