"""The page of senders and domains: from no keys to signing, for admins."""

from mailer.bootstrap import Mailer
from mailer.models import Power
from tests.factories import Cast
from tests.mailer.web.browser import visible_text
from tests.mailer.web.conftest import SignIn


def test_an_admin_makes_keys_publishes_and_begins_to_sign(
    sign_in: SignIn, mailer: Mailer, cast: Cast
) -> None:
    admin = sign_in(Power.ADMIN)
    page = "/settings/senders"

    made = admin.submit(page, {"domain": "network.example"}, to=f"{page}/keys")
    signing = admin.submit(page, {"domain": "network.example"}, to=f"{page}/sign")
    stopped = admin.submit(page, {"domain": "network.example"}, to=f"{page}/stop")

    assert "._domainkey.network.example" in visible_text(made)
    assert "k=rsa; p=" in visible_text(made)
    assert "Signing since" in visible_text(signing)
    assert "Not signing" in visible_text(stopped)


def test_an_editor_may_not_look(sign_in: SignIn, cast: Cast) -> None:
    assert sign_in(Power.EDITOR).get("/settings/senders").status_code == 403
