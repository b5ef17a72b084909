"""Databases full of people, made by the database itself in seconds, and who looks at them."""

from sqlalchemy import text

from app import create_app
from contacts import addresses
from contacts.database import Database
from mailer.accounts import operators, sign_in_links
from mailer.bootstrap import Mailer
from mailer.clock import now
from mailer.models import Power
from tests.factories import TESTER, a_newsletter
from tests.mailer.web.browser import Browser

_ADDRESS = "'person' || n || '@council' || (n % 5000) || '.example'"


def populate(database: Database, number: int) -> int:
    """So many people on a newsletter, one in fifty unsubscribed, one in a hundred without address.

    Gives the newsletter's id.
    """
    sqlite = database.is_sqlite
    numbers = (
        f"WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {number})"
        if sqlite
        else f"WITH s AS (SELECT generate_series(1, {number}) AS n)"
    )
    stamp = "'2026-11-01 10:00:00.000000'"
    false = "0" if sqlite else "false"
    with database.writing() as session:
        newsletter = a_newsletter(session)
        session.execute(
            text(
                "INSERT INTO contacts (email, address_key, name, first_name, last_name, counted, "
                f"created_at, updated_at) {numbers} SELECT "
                f"CASE WHEN n % 100 = 0 THEN NULL ELSE {_ADDRESS} END, "
                f"CASE WHEN n % 100 = 0 THEN NULL ELSE {_ADDRESS} END, "
                f"'Person ' || n, 'Person', '' || n, {false}, {stamp}, {stamp} FROM s"
            )
        )
        session.execute(
            text(
                "INSERT INTO subscriptions (contact_id, newsletter_id, status, changed_at) "
                f"SELECT id, {newsletter.id}, "
                "CASE WHEN id % 50 = 1 THEN 'unsubscribed' ELSE 'subscribed' END, "
                f"{stamp} FROM contacts"
            )
        )
        newsletter_id = newsletter.id
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()
    return newsletter_id


def an_officer(mailer: Mailer) -> Browser:
    """The browser of an admin who has signed in."""
    with mailer.database.writing() as session:
        email = "asha@network.example"
        made = operators.known(session, addresses.parse(email)) or operators.create(
            session, email=email, name="Asha", power=Power.ADMIN, actor=TESTER, now=now()
        )
        secret = sign_in_links.make(session, made, actor=TESTER, now=now())
    officer = Browser(create_app(mailer))
    officer.submit(f"/login/{secret}")
    return officer
