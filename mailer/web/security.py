"""The headers of every answer: nothing from elsewhere, nothing inline, nothing framed."""

from typing import Final
from urllib.parse import urlsplit

from flask import Flask, Response, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.routing import RequestRedirect

CSP: Final = (
    "default-src 'self'; img-src 'self' https: data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'self'"
)


def mail_policy(site: str, *, pictures: bool = True, read_by_page: bool = False) -> str:
    """The policy of a page that shows mail: its styles are inline by nature, and it runs nothing.

    ``site`` is where its pictures of our own library come from. ``read_by_page`` lets the page
    around it, of the same origin, read where each block stands.
    """
    sources = f"https: {site} data:" if pictures else "'none'"
    readable = " allow-same-origin" if read_by_page else ""
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; img-src {sources}; "
        f"form-action 'none'; frame-ancestors 'self'; sandbox allow-popups{readable}"
    )


def stay_on_this_host(app: Flask) -> None:
    """Answer an address that has a slash too many or too few by its path alone.

    The library would name the host that the request names, and a stranger may have made that up.
    """

    @app.before_request
    def move() -> ResponseReturnValue | None:
        moved = request.routing_exception
        if not isinstance(moved, RequestRedirect):
            return None
        there = urlsplit(moved.new_url)
        path = there._replace(scheme="", netloc="", path="/" + there.path.lstrip("/"))
        return redirect(path.geturl(), moved.code)


def add_headers(app: Flask) -> None:
    """Put the headers on every answer that does not bring its own."""
    # Asked for by its public name, it was by https, whether or not the proxy says so.
    site = app.extensions["mailer"].settings.public_url
    public = f"{site.removeprefix('https://')}/" if site.startswith("https://") else ""

    @app.after_request
    def put(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CSP)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("X-Frame-Options", "SAMEORIGIN")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        if request.endpoint != "static":
            headers.setdefault("Cache-Control", "no-store")
        if request.is_secure or request.host_url.partition("//")[2] == public:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response
