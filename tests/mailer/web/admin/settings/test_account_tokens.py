"""One's own account: the tokens of one's programs."""

from mailer.accounts import api_tokens, operators
from mailer.bootstrap import Mailer
from mailer.models import Power
from tests.factories import TESTER
from tests.mailer.web.browser import Browser, visible_text


def a_token(mailer: Mailer, power: Power, name: str) -> int:
    now, email = mailer.clock(), f"{power}@network.example"
    with mailer.database.writing() as session:
        operators.create(session, email=email, name="Vera", power=power, actor=TESTER, now=now)
        return api_tokens.make(session, email, name=name, actor=TESTER, now=now)[0].id


def test_ones_own_tokens_are_listed_and_revoked(mailer: Mailer, viewer: Browser) -> None:
    mine = a_token(mailer, Power.VIEWER, "graphs")
    a_token(mailer, Power.ADMIN, "night job")
    page = visible_text(viewer.get("/account"))

    after = visible_text(viewer.submit("/account", to=f"/account/tokens/{mine}/revoke"))

    assert "graphs" in page
    assert "night job" not in page
    assert "The token for graphs works no more." in after
    assert "Tokens of programs" not in after


def test_nobody_revokes_the_token_of_another(mailer: Mailer, viewer: Browser) -> None:
    theirs = a_token(mailer, Power.ADMIN, "night job")

    answer = viewer.submit("/account", to=f"/account/tokens/{theirs}/revoke")

    assert answer.status_code == 404
    with mailer.database.reading() as session:
        assert [each.id for each in api_tokens.listing(session)] == [theirs]
