"""The door of programs: a bearer token (RFC 6750) says who is asking; cookies are not looked at."""

from typing import Final, NoReturn, cast

from flask import abort, g, request

from mailer.accounts import api_tokens
from mailer.accounts.api_tokens import Caller
from mailer.models import Power
from mailer.web import limits
from mailer.web.api.problems import problem
from mailer.web.transactions import commit_early, this_mailer

_SCHEME: Final = "bearer "


def admit(power: Power) -> None:
    """Let whoever shows a token with this power in, or end the request with a problem document."""
    caller = _caller()
    if not caller.may(power):
        abort(
            problem(
                403,
                f"This needs the power of {power.value}, which {caller.operator_name} lacks.",
                WWW_Authenticate='Bearer error="insufficient_scope"',
            )
        )
    g.caller = caller


def caller() -> Caller:
    """Who is asking, once they were let in."""
    return cast("Caller", g.caller)


def _caller() -> Caller:
    header = request.headers.get("Authorization", "")
    if not header:
        abort(problem(401, "Send a token: Authorization: Bearer …", WWW_Authenticate="Bearer"))
    if not header.lower().startswith(_SCHEME):
        _refuse()
    # Libraries look at cookies all the same, and a browser that sends one as well has a transaction
    # open by now: the one below would wait for it, and so for itself.
    commit_early()
    here = this_mailer()
    with here.database.reading() as session:
        found = api_tokens.caller_of(session, header[len(_SCHEME) :].strip())
    if found is None:
        _refuse()
    now = here.clock()
    if found.last_used_on != now.date():
        with here.database.writing() as session:
            api_tokens.note_use(session, found.token_id, now=now)
    return found


def _refuse() -> NoReturn:
    # Counted only here, and never in the way of a good token: a stranger's mistakes must not keep
    # an operator from stopping a send.
    limits.guessed("API token")
    abort(
        problem(
            401,
            "This token is not known, or it was revoked.",
            WWW_Authenticate='Bearer error="invalid_token"',
        )
    )
