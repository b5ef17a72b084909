"""Programs that hold a token, and whose every answer has to be as the API is described."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from mailer.accounts import api_tokens, operators
from mailer.bootstrap import Mailer
from mailer.models import Power
from tests.factories import TESTER
from tests.mailer.web.api.openapi import faults, target
from tests.mailer.web.browser import SITE


class Program:
    """A client of the API; without a token it is a stranger's."""

    def __init__(self, app: Flask, token: str = "", operator_id: int = 0) -> None:
        self._client = app.test_client(use_cookies=False)
        description = self._client.get("/api/openapi.json").json
        assert description
        self.description: dict[str, Any] = description
        self.token, self.operator_id = token, operator_id

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.call("GET", path, **more)

    def post(self, path: str, **more: Any) -> TestResponse:
        return self.call("POST", path, **more)

    def patch(self, path: str, **more: Any) -> TestResponse:
        return self.call("PATCH", path, **more)

    def call(self, method: str, path: str, **more: Any) -> TestResponse:
        """Ask, and hold the answer against the description."""
        shown = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers = shown | more.pop("headers", {})
        answer = self._client.open(path, method=method, base_url=SITE, headers=headers, **more)
        assert "Set-Cookie" not in answer.headers
        self._hold_against_the_description(method, path, answer)
        return answer

    def _hold_against_the_description(self, method: str, path: str, answer: TestResponse) -> None:
        described = next(
            (
                item[method.lower()]
                for pattern, item in self.description["paths"].items()
                if re.fullmatch(re.sub(r"\{\w+\}", "[0-9]+", pattern), path.partition("?")[0])
                and method.lower() in item
            ),
            None,
        )
        if described is None:
            assert answer.status_code in {404, 405}
            return
        response = described["responses"][str(answer.status_code)]
        response = target(response, self.description) if "$ref" in response else response
        assert list(response["content"]) == [answer.mimetype]
        schema = response["content"][answer.mimetype]["schema"]
        assert faults(schema, answer.get_json(force=True), self.description) == []


Programs = Callable[[Power], Program]


@pytest.fixture
def program(app: Flask, mailer: Mailer) -> Programs:
    """Makes an operator of the wanted power, and a program with a token of theirs."""

    def make(power: Power) -> Program:
        now = mailer.clock()
        email = f"{power}@network.example"
        with mailer.database.writing() as session:
            made = operators.create(
                session, email=email, name="Vera", power=power, actor=TESTER, now=now
            )
            _, token = api_tokens.make(session, email, name="a test", actor=TESTER, now=now)
            return Program(app, token, made.id)

    return make


@pytest.fixture
def stranger(app: Flask) -> Program:
    return Program(app)
