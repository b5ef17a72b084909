"""What people without an account do, by real mail and a real browser: sign up, decline, choose,
answer a poll."""

import re
import time
from email import message_from_bytes
from email.policy import default

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from contacts.models import Contact, Subscription, SubscriptionStatus
from mailer.bootstrap import Mailer, bootstrap
from mailer.campaigns.drafts.versions import keep
from mailer.models import Campaign, Delivery, DeliveryStatus, VersionReason
from mailer.security.tokens import Purpose
from mailer.settings.environment import Settings
from tests.browser.conftest import Served
from tests.factories import TESTER

JOIN = "/join/members-update"


@pytest.mark.browser
def test_without_script_a_person_signs_up_declines_answers_and_has_a_link_sent(
    served: Served, browser: Browser
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    mailer = bootstrap(Settings(data_dir=served.folder))

    _sign_up(page, served, "dan@dunmarsh.example")
    confirmation = _mail_to(served, "dan@dunmarsh.example")
    page.goto(_link(confirmation, "/confirm/"))
    page.get_by_role("button", name="Yes, send it to me").click()
    expect(page.locator("h1")).to_contain_text("You’re signed up")

    _sign_up(page, served, "eve@elmcote.example")
    page.goto(_link(_mail_to(served, "eve@elmcote.example"), "/confirm/", "/not-me"))
    page.get_by_role("button", name="I did not ask for this").click()
    expect(page.locator("h1")).to_contain_text("We have noted it")

    address, token, asked = _a_link_of_an_issue(mailer)
    page.goto(f"{served.site}{asked}/2")
    expect(page.get_by_label("Care run by its carers")).to_be_checked()
    page.get_by_role("button", name="Send my answer").click()
    expect(page.locator("main")).to_contain_text("Your answer is kept: Care run by its carers")
    page.get_by_role("link", name="Change your answer").click()
    page.get_by_label("Energy, street by street").check()
    page.get_by_role("button", name="Send my answer").click()
    expect(page.get_by_role("row", name="Energy, street by street")).to_contain_text("1")

    page.goto(f"{served.site}/p/{token}")
    page.get_by_role("button", name="Send a link to").click()
    expect(page.locator("h1")).to_contain_text("Look in your inbox")
    page.goto(_link(_mail_to(served, address), "/choices/"))
    page.get_by_label("Your name").fill("Somebody Else")
    page.get_by_role("button", name="Save my choices").click()
    expect(page.locator("main")).to_contain_text("Your name is now Somebody Else.")
    mailer.database.dispose()
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_for_everybody_are_accessible_and_narrow(
    served: Served, browser: Browser, scheme: str
) -> None:
    mailer = bootstrap(Settings(data_dir=served.folder))
    context = browser.new_context(
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": 320, "height": 640},
    )
    page = context.new_page()
    _, token, asked = _a_link_of_an_issue(mailer)
    with mailer.database.reading() as session:
        contact = session.scalars(select(Delivery.contact_id)).first()
    assert contact
    ends_at = int(mailer.clock().timestamp()) + 1000
    own = mailer.tokens.seal(Purpose.OWN_CHOICES, contact, ends_at)
    mailer.database.dispose()
    faults: dict[str, list[str]] = {}

    def look(name: str) -> None:
        found = Axe().run(page).response["violations"]
        serious = [each["id"] for each in found if each["impact"] in {"serious", "critical"}]
        if page.evaluate("document.documentElement.scrollWidth") > 320:
            serious.append("scrolls sideways")
        if serious:
            faults[name] = serious

    _sign_up(page, served, "dan@dunmarsh.example")
    look("joined")
    link = _link(_mail_to(served, "dan@dunmarsh.example"), "/confirm/")
    for path in (link, f"{link}/not-me", f"/p/{token}", f"/u/{token}", f"/choices/{own}"):
        page.goto(path if path.startswith("http") else served.site + path)
        look(path.split("/")[-2])
    page.goto(f"{served.site}/choices/{'A' * 32}")
    look("expired")
    page.goto(f"{served.site}{asked}/1")
    look("poll")
    page.get_by_role("button", name="Send my answer").click()
    look("answered")
    page.goto(f"{served.site}/u/{token}")
    page.get_by_role("button", name="Unsubscribe").click()
    look("unsubscribed")
    page.goto(f"{served.site}/p/{token}")
    page.get_by_role("button", name="Send a link to").click()
    look("link sent")

    assert faults == {}
    context.close()


def _sign_up(page: Page, served: Served, address: str) -> None:
    page.goto(served.site + JOIN)
    page.get_by_label("Email address").fill(address)
    page.get_by_role("button", name="Sign up").click()
    expect(page.locator("h1")).to_contain_text("Look in your inbox")


def _a_link_of_an_issue(mailer: Mailer) -> tuple[str, str, str]:
    """The address of somebody who got an issue, the token in its links, and where they answer."""
    with mailer.database.writing() as session:
        campaign = session.scalars(select(Campaign)).first()
        assert campaign
        keep(session, campaign, VersionReason.SENT, actor=TESTER, now=mailer.clock())
        campaign.sent_version = campaign.version
        person = session.scalars(
            select(Contact)
            .join(Subscription, Subscription.contact_id == Contact.id)
            .where(
                Subscription.newsletter_id == campaign.newsletter_id,
                Subscription.status == SubscriptionStatus.SUBSCRIBED,
                Contact.tracking_allowed,
            )
            .order_by(Contact.id)
        ).first()
        assert person
        assert person.address_key
        got = Delivery(
            campaign_id=campaign.id,
            contact_id=person.id,
            address=person.address_key,
            status=DeliveryStatus.ACCEPTED,
            attempts=1,
            changed_at=mailer.clock(),
        )
        session.add(got)
        session.flush()
        seal = mailer.tokens.seal
        asked = f"/a/{seal(Purpose.ANSWER, got.id)}/summer-school"
        return person.address_key, seal(Purpose.CHOICES, got.id), asked


def _mail_to(served: Served, address: str) -> str:
    """The text part of the mail that was caught for an address."""
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        for file in (served.folder / "caught").rglob("*.eml"):
            message = message_from_bytes(file.read_bytes(), policy=default)
            if address in str(message["To"]).lower():
                body = message.get_body(("plain",))
                assert body
                return str(body.get_content())
        time.sleep(0.2)
    raise AssertionError(f"no mail to {address}")


def _link(text: str, start: str, end: str = "") -> str:
    found = re.search(rf"http\S+{start}[\w-]{{32}}{end}(?=\s)", text)
    assert found, text
    return found[0]
