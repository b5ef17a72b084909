"""A browser without a screen: it keeps cookies and sends forms as a person does."""

import re
from collections.abc import Mapping
from typing import Any, Final

from flask import Flask
from werkzeug.test import TestResponse

SITE: Final = "https://news.network.example"
_TOKEN: Final = re.compile(r'name="csrf_token"[^>]*? value="([^"]+)"')


class Browser:
    """One person's browser on one application."""

    def __init__(self, app: Flask) -> None:
        self._client = app.test_client()

    def get(self, path: str, **more: Any) -> TestResponse:
        return self._client.get(path, base_url=SITE, **more)

    def head(self, path: str) -> TestResponse:
        return self._client.head(path, base_url=SITE)

    def submit(
        self, page: str, data: Mapping[str, Any] | None = None, *, to: str = "", follow: bool = True
    ) -> TestResponse:
        """Fill in the form of ``page`` and send it, to ``to`` where its button says so."""
        token = _TOKEN.search(self.get(page).text)
        assert token, f"{page} has no form"
        return self._client.post(
            to or page,
            data={"csrf_token": token[1], **(data or {})},
            base_url=SITE,
            headers={"Referer": SITE + page},
            follow_redirects=follow,
        )

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
