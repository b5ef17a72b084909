"""Reads a message back with the standard library, which is not what wrote it."""

import email
from email.message import EmailMessage
from email.policy import default

from bs4 import BeautifulSoup


def parsed(content: bytes) -> EmailMessage:
    """The message as a mail program would read it."""
    message = email.message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def text_of(content: bytes) -> str:
    return _part(content, "plain")


def html_of(content: bytes) -> str:
    return _part(content, "html")


def soup(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def _part(content: bytes, kind: str) -> str:
    part = parsed(content).get_body((kind,))
    assert isinstance(part, EmailMessage)
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode("utf-8").replace("\r\n", "\n")
