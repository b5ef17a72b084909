"""``flask library``: the same use cases as the pages, on both databases."""

from contacts.database import Database
from mailer.authoring.library import items
from tests.factories import NOW, TESTER, a_campaign, a_newsletter, an_item
from tests.mailer.cli.test_network import Run, answer, run  # noqa: F401  # a fixture


def test_items_are_listed_made_ready_and_added(run: Run, database: Database) -> None:  # noqa: F811
    with database.writing() as session:
        issue = a_campaign(session, a_newsletter(session).id).id
        item = an_item(session, "event").id
        items.take_back(session, item, actor=TESTER, now=NOW)

    before = answer(run("library", "list", "--type", "event", "--json"))["items"]
    early = run("library", "add", str(item), "--to", str(issue))
    made = answer(run("library", "ready", str(item), "--json"))
    added = answer(run("library", "add", str(item), "--to", str(issue), "--json"))
    twice = run("library", "add", str(item), "--to", str(issue))
    after = answer(run("library", "list", "--state", "in_issue", "--find", "winter", "--json"))

    assert [(each["title"], each["state"], each["day"]) for each in before] == [
        ("Winter conference", "draft", "2027-01-12")
    ]
    assert (early.exit_code, "not ready" in early.output) == (1, True)
    assert made == {"id": item, "state": "ready"}
    assert added["campaign"] == issue
    assert (twice.exit_code, "already" in twice.output) == (1, True)
    assert after["items"][0]["used_in"] == [{"campaign": issue, "name": "December", "sent": False}]
    assert run("library", "list", "--find", "nothing").output == "There is nothing of that kind.\n"
