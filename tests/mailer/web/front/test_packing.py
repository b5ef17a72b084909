"""Static files are packed for those who can unpack them, and still asked for only when changed."""

import gzip
from pathlib import Path

from flask import Flask

_STYLES = Path(__file__).parents[4] / "mailer/web/static/css/components.css"


def test_a_browser_that_unpacks_gets_fewer_octets_of_the_same_file(app: Flask) -> None:
    client = app.test_client()

    packed = client.get("/static/css/components.css", headers={"Accept-Encoding": "gzip, br"})
    plain = client.get("/static/css/components.css")

    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data == _STYLES.read_bytes()
    assert len(packed.data) < len(plain.data) / 3
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert "Content-Encoding" not in plain.headers


def test_a_file_that_did_not_change_is_not_sent_again(app: Flask) -> None:
    client = app.test_client()
    path, accepts = "/static/js/circular.js", {"Accept-Encoding": "gzip"}
    tag = client.get(path, headers=accepts).headers["ETag"]

    again = client.get(path, headers={**accepts, "If-None-Match": tag})

    assert again.status_code == 304


def test_whoever_refuses_gzip_gets_the_file_as_it_is(app: Flask) -> None:
    answer = app.test_client().get(
        "/static/css/base.css", headers={"Accept-Encoding": "gzip;q=0, identity"}
    )

    assert "Content-Encoding" not in answer.headers
