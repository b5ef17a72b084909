"""Pictures that mails and pages show, for everybody who has their address.

The address names the content, so what is fetched once may be kept for ever.
"""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from mailer.authoring.pictures.store import PictureFolder
from mailer.errors import NotFound
from mailer.web.policy import public
from mailer.web.transactions import this_mailer

blueprint = Blueprint("picture_files", __name__)
_KINDS = {"jpg": "image/jpeg", "png": "image/png"}


@blueprint.get("/pictures/<name>")
@public
def show(name: str) -> ResponseReturnValue:
    """One picture's file."""
    content = PictureFolder(this_mailer().settings.pictures_dir).read(name)
    if content is None:
        raise NotFound("There is no such picture.")
    answer = Response(content, mimetype=_KINDS[name.rpartition(".")[2]])
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer
