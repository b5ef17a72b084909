"""Requests that no browser makes: each is answered or refused, and the next one is answered."""

import pytest

from tests.attacks.conftest import House

NUMBER = "9" * 30
HOST = b"Host: here\r\n"
ODD = {
    "NUL in a path": b"GET /join/%00 HTTP/1.1\r\n" + HOST + b"\r\n",
    "NUL in a query": b"GET /login?next=%00 HTTP/1.1\r\n" + HOST + b"\r\n",
    "NUL in a header": b"GET / HTTP/1.1\r\n" + HOST + b"X: \0\r\n\r\n",
    "a surrogate in a path": b"GET /join/%ED%A0%80 HTTP/1.1\r\n" + HOST + b"\r\n",
    "octets beyond ASCII": b"GET /\xff\xfe HTTP/1.1\r\n" + HOST + b"\r\n",
    "a number too long": f"GET /people/{NUMBER} HTTP/1.1\r\n".encode() + HOST + b"\r\n",
    "a line too long": b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "too many headers": b"GET / HTTP/1.1\r\n" + HOST + b"X-Y: z\r\n" * 5_000 + b"\r\n",
    "two lengths": b"POST / HTTP/1.1\r\n"
    + HOST
    + b"Content-Length: 3\r\nContent-Length: 5\r\n\r\nabcde",
    "a length and chunks": b"POST /join/news HTTP/1.1\r\n"
    + HOST
    + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a length that is none": b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n",
    "chunks that are none": b"POST /join/news HTTP/1.1\r\n"
    + HOST
    + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "no such version": b"GET / HTTP/9.9\r\n" + HOST + b"\r\n",
    "no such method": b"SPOON / HTTP/1.1\r\n" + HOST + b"\r\n",
    "no host": b"GET /health HTTP/1.1\r\n\r\n",
    "another host": b"GET /login HTTP/1.1\r\nHost: a@b:c\r\n\r\n",
    "a host with a label too long": b"GET /login HTTP/1.1\r\nHost: " + b"a" * 64 + b"\r\n\r\n",
    "an empty host": b"GET /people HTTP/1.1\r\nHost: \r\n\r\n",
    "two hosts": b"GET /people HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "HTTP/2 by prior knowledge": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a greeting of SMTP": b"EHLO here\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "a cookie that is none": b"GET /login HTTP/1.1\r\n"
    + HOST
    + b"Cookie: circular=\xff;theme=\0\r\n\r\n",
    "parts without a boundary": b"POST /join/news HTTP/1.1\r\n"
    + HOST
    + b"Content-Type: multipart/form-data\r\nContent-Length: 4\r\n\r\n--x\r",
}


@pytest.mark.parametrize("octets", ODD.values(), ids=ODD)
def test_odd_requests_are_no_fault_of_ours(house: House, octets: bytes) -> None:
    answer = house.say(octets)

    assert not answer.startswith((b"HTTP/1.1 5", b"HTTP/1.0 5"))
    assert house.ask("GET", "/health").status == 200
