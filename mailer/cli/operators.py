"""Commands for the tokens of programs."""

import click
from flask.cli import with_appcontext

from mailer.accounts import api_tokens
from mailer.cli.output import as_json, ready, say, sentences


@click.command("token")
@click.argument("email")
@click.option("--name", required=True, help="What it is for.")
@as_json
@with_appcontext
@sentences
def token(email: str, name: str, as_json: bool) -> None:
    """Make a token for programs that act for this operator. It is shown this once."""
    here = ready()
    with here.database.writing() as session:
        made, text = api_tokens.make(session, email, name=name, actor="cli", now=here.clock())
        answer = {"id": made.id, "token": text}
    say(as_json, answer, f"Token {made.id}, shown this once:\n{text}")


@click.command("tokens")
@as_json
@with_appcontext
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


@click.command("revoke-token")
@click.argument("token_id", type=int)
@as_json
@with_appcontext
@sentences
def revoke_token(token_id: int, as_json: bool) -> None:
    """Let a token be good for nothing from now on."""
    here = ready()
    with here.database.writing() as session:
        revoked = api_tokens.revoke(session, token_id, actor="cli", now=here.clock())
        assert revoked.revoked_at
        answer = {"id": revoked.id, "revoked_at": revoked.revoked_at.isoformat()}
    say(as_json, answer, f"Token {token_id} works no more.")
