"""``flask operators``: people who work in the admin, how they get in, and how no more."""

from dataclasses import asdict

import click
from flask.cli import AppGroup

from contacts.actors import COMMAND
from mailer.accounts import api_tokens, operators, sign_in_links
from mailer.cli.output import ROW_NUMBER, as_json, ready, say, sentences
from mailer.models import Power
from mailer.notices import sign_in

operators_group = AppGroup("operators", help="People who work in the admin.")


@operators_group.command("create")
@click.argument("email")
@click.option("--role", type=click.Choice([power.value for power in Power]), default="editor")
@click.option("--name", default="")
@as_json
@sentences
def create_operator(email: str, role: str, name: str, as_json: bool) -> None:
    """Make an operator, or find one, and print a link that signs them in once."""
    here = ready()
    now = here.clock()
    with here.database.writing() as session:
        operator = operators.create(
            session, email=email, name=name, power=Power(role), actor=COMMAND, now=now
        )
        secret = sign_in_links.make(session, operator, actor=COMMAND, now=now)
        answer = {"id": operator.id, "link": f"{here.settings.site}/login/{secret}"}
    say(as_json, answer, f"Sign in once, within a day, at:\n{answer['link']}")


@operators_group.command("link")
@click.argument("email")
@click.option("--mail", is_flag=True, help="Mail it to them, and print nothing of it.")
@as_json
@sentences
def link(email: str, mail: bool, as_json: bool) -> None:
    """Make another link that signs an operator in once; those not used yet end."""
    here = ready()
    now = here.clock()
    with here.database.writing() as session:
        operator = operators.find(session, email)
        if mail:
            sign_in.mail_link(session, operator.id, site=here.settings.site, actor=COMMAND, now=now)
            say(as_json, {"id": operator.id}, f"A link is on its way to {operator.email}.")
            return
        secret = sign_in_links.make(session, operator, actor=COMMAND, now=now)
        answer = {"id": operator.id, "link": f"{here.settings.site}/login/{secret}"}
    say(as_json, answer, f"Sign in once, within a day, at:\n{answer['link']}")


@operators_group.command("list")
@as_json
@sentences
def list_operators(as_json: bool) -> None:
    """Who can sign in and with which role, and who has been removed."""
    with ready().database.reading() as session:
        found = [
            {
                "id": each.id,
                "email": each.email,
                "name": each.name,
                "role": each.roles[0].name if each.roles else None,
                "active": each.active,
            }
            for each in operators.listing(session)
        ]
    lines = [
        f"{each['id']}  {each['email']}  {each['name']}  "
        f"{(each['role'] or 'no role') if each['active'] else 'removed'}"
        for each in found
    ]
    say(as_json, {"operators": found}, "\n".join(lines) or "There are no operators.")


@operators_group.command("remove")
@click.argument("email")
@as_json
@sentences
def remove(email: str, as_json: bool) -> None:
    """Let an operator in no more: sessions, links and tokens end at once."""
    here = ready()
    with here.database.writing() as session:
        operator, ended = operators.remove(session, email, actor=COMMAND, now=here.clock())
        answer = {"id": operator.id, "email": operator.email, **asdict(ended)}
    say(
        as_json,
        answer,
        f"{answer['email']} is let in no more. Ended: sessions {ended.sessions}, "
        f"unused links {ended.links}, tokens {ended.tokens}.",
    )


@operators_group.command("token")
@click.argument("email")
@click.option("--name", required=True, help="What it is for.")
@as_json
@sentences
def token(email: str, name: str, as_json: bool) -> None:
    """Make a token for programs that act for this operator. It is shown this once."""
    here = ready()
    with here.database.writing() as session:
        made, text = api_tokens.make(session, email, name=name, actor=COMMAND, now=here.clock())
        answer = {"id": made.id, "token": text}
    say(as_json, answer, f"Token {made.id}, shown this once:\n{text}")


@operators_group.command("tokens")
@as_json
@sentences
def tokens(as_json: bool) -> None:
    """The tokens that can be used, whose they are and the day of their last use."""
    with ready().database.reading() as session:
        found = [
            {
                "id": each.id,
                "operator": each.operator.email,
                "name": each.name,
                "created_at": each.created_at.isoformat(),
                "last_used_on": each.last_used_on.isoformat() if each.last_used_on else None,
            }
            for each in api_tokens.listing(session)
        ]
    lines = [
        f"{each['id']}  {each['operator']}  {each['name']}  "
        f"last used: {each['last_used_on'] or 'never'}"
        for each in found
    ]
    say(as_json, {"tokens": found}, "\n".join(lines) or "There are no tokens.")


@operators_group.command("revoke-token")
@click.argument("token_id", type=ROW_NUMBER)
@as_json
@sentences
def revoke_token(token_id: int, as_json: bool) -> None:
    """Let a token be good for nothing from now on."""
    here = ready()
    with here.database.writing() as session:
        revoked = api_tokens.revoke(session, token_id, actor=COMMAND, now=here.clock())
        assert revoked.revoked_at
        answer = {"id": revoked.id, "revoked_at": revoked.revoked_at.isoformat()}
    say(as_json, answer, f"Token {token_id} works no more.")
