"""Errors become pages: one table says which status a domain error has, and nothing is lost.

What a person typed stays in their form: a view that takes long text catches its own errors and
renders the form again; these pages are for what no form expected.
"""

from typing import Any, Final

import structlog
from flask import Flask, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, TooManyRequests

from contacts.database import AWAY
from contacts.disk import is_full
from contacts.errors import BadDetails, ContactsError, InUse, UnknownRecord
from mailer.errors import DocumentError, FormError, MailerError, NotAllowed, NotFound, NotTheirs
from mailer.web import sessions, transactions
from mailer.web.api import problems
from mailer.web.auth import wants_json
from mailer.web.limits import in_words

log = structlog.get_logger(__name__)

_STATUS: Final[tuple[tuple[type[Exception], int], ...]] = (
    (NotFound, 404),
    (UnknownRecord, 404),
    (NotTheirs, 403),
    (NotAllowed, 409),
    (InUse, 409),
    (FormError, 422),
    (BadDetails, 422),
    (MailerError, 400),
    (ContactsError, 400),
)
_WORDS: Final = {
    400: (
        "That didn't work",
        "Something in what was sent could not be understood. Go back, and send it again.",
    ),
    403: ("You can't do this", "Ask somebody with the right to do it: an admin can say who."),
    404: ("Page not found", "The address may be mistyped, or the thing may have gone."),
    405: (
        "That didn't work",
        "This address is not a page to open: it is where a form is sent to. Go back to the form.",
    ),
    408: ("That took too long", "Your request came too slowly to be taken. Send it again."),
    409: ("That can't be done now", "Something has changed since you opened the page."),
    413: ("Too large", "That is more than can be taken in one go."),
    429: ("Too many tries", "Wait a minute, then try again."),
    500: ("Something went wrong", "It is our fault, and it has been noted. Try again in a minute."),
    503: ("Back in a moment", "The database does not answer just now. Nothing of yours is lost."),
    507: (
        "The disk is full",
        "The disk of this server is full. Nothing of yours is lost; nothing new can be kept yet.",
    ),
}
_NOT_SAVED: Final = {
    503: "The database does not answer just now. Nothing was saved: go back and send it again in "
    "a minute.",
    507: "The disk of this server is full. Nothing was saved, and nothing that was there before is "
    "lost: tell whoever runs it, and send it again once there is room.",
}


def handle(app: Flask) -> None:
    """Install the table."""
    app.log_exception = _log_by_route  # type: ignore[method-assign,assignment]  # it would log the path

    def known(error: Exception) -> ResponseReturnValue:
        status = next(status for kind, status in _STATUS if isinstance(error, kind))
        if problems.are_wanted():
            return _to_a_program(error, status)
        return _page(status, str(error))

    app.register_error_handler(MailerError, known)
    app.register_error_handler(ContactsError, known)

    @app.errorhandler(CSRFError)
    def stale(_error: CSRFError) -> ResponseReturnValue:
        return _page(400, "This page was open for too long. Go back, reload it and send it again.")

    def outage(error: Exception) -> ResponseReturnValue:
        status = _outage_of(error)
        if status is None:
            raise error
        return _out_of_order(status, error)

    for kind in (*AWAY, OSError):
        app.register_error_handler(kind, outage)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> ResponseReturnValue:
        if error.code is None or error.code < 400:
            return error.get_response()
        if problems.are_wanted() and isinstance(error, MethodNotAllowed):
            allow = ", ".join(error.valid_methods or ())
            return problems.problem(405, _WORDS[405][1], Allow=allow)
        if isinstance(error, TooManyRequests):
            return _too_many(error)
        return _page(error.code)

    @app.errorhandler(500)
    def fault(error: Exception) -> ResponseReturnValue:
        # What fails while the answer is committed comes here, whatever it is.
        cause = getattr(error, "original_exception", None)
        status = _outage_of(cause)
        return _page_after_a_fault(500) if status is None else _out_of_order(status, cause)


def _outage_of(error: BaseException | None) -> int | None:
    """The status of a fault that is nobody's: a full disk, or a database that is away."""
    if is_full(error):
        return 507
    return 503 if isinstance(error, AWAY) else None


def _out_of_order(status: int, error: BaseException | None) -> ResponseReturnValue:
    log.warning("a request could not be served", status=status, kind=type(error).__name__)
    looked = request.method in {"GET", "HEAD", "OPTIONS"}
    return _page(status, "" if looked else _NOT_SAVED[status])


def _log_by_route(fault: Any) -> None:
    """Flask would log the path, which may be a link of somebody's mail: this is its route."""
    ids = {name: value for name, value in (request.view_args or {}).items() if type(value) is int}
    log.error(
        "a request met a fault of ours",
        route=str(request.url_rule),
        method=request.method,
        ids=ids,
        exc_info=fault,
    )


def _to_a_program(error: Exception, status: int) -> ResponseReturnValue:
    fields: list[tuple[str, str]] = []
    if isinstance(error, FormError):
        fields = error.problems
    elif isinstance(error, DocumentError):  # it is not the request that is at fault
        status, fields = 409, [(each.field, str(each)) for each in error.problems]
    return problems.problem(status, str(error), fields=fields)


def _too_many(error: TooManyRequests) -> ResponseReturnValue:
    # ``limits`` gives seconds, which are true, and nobody else raises this.
    seconds = error.retry_after if isinstance(error.retry_after, int) else 60
    answer = make_response(_page(429, f"Wait {in_words(seconds)}, then try again."))
    answer.headers["Retry-After"] = str(seconds)
    return answer


def _page_after_a_fault(status: int) -> ResponseReturnValue:
    transactions.start_again()
    sessions.ask_again()
    try:
        return _page(status)
    except SQLAlchemyError:  # there is no database to dress a page from
        transactions.start_again()
        sessions.as_nobody()
        return _page(status)


def _page(status: int, sentence: str = "") -> ResponseReturnValue:
    transactions.only_look()
    title, default = _WORDS.get(status, _WORDS[400])
    if problems.are_wanted():
        return problems.problem(status, sentence or default)
    if wants_json():
        return jsonify(error=sentence or default), status
    page = render_template("error.html", title=title, words=sentence or default, status=status)
    return page, status
