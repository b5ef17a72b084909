"""Style sheets and scripts are sent packed to browsers that can unpack them, each packed once."""

import gzip
from functools import lru_cache
from typing import Final

from flask import Flask, Response, request

_TYPES: Final = {"text/css", "text/javascript", "application/javascript", "image/svg+xml"}
_SMALL: Final = 600  # octets: packing such a file saves nothing


def pack_static_files(app: Flask) -> None:
    """Pack what the static folder answers with, where the browser says that it unpacks gzip."""

    @app.after_request
    def pack(response: Response) -> Response:
        if request.endpoint != "static" or response.mimetype not in _TYPES:
            return response
        response.headers.add("Vary", "Accept-Encoding")
        if request.accept_encodings["gzip"] <= 0 or response.status_code != 200:
            return response
        response.direct_passthrough = False
        content = response.get_data()
        if len(content) > _SMALL:
            response.set_data(_packed(content))
            response.headers["Content-Encoding"] = "gzip"
            tag, _ = response.get_etag()
            if tag:
                response.set_etag(tag, weak=True)  # the same file, in other octets
        return response


@lru_cache(maxsize=128)
def _packed(content: bytes) -> bytes:
    return gzip.compress(content, 9, mtime=0)
