"""What an operator may write in SMTP_URL."""

import pytest

from mailer.delivery.smtp.client import RelayAddress


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://localhost", ("localhost", 25, "none", True)),
        ("smtp://127.0.0.1:2525/", ("127.0.0.1", 2525, "none", True)),
        ("smtp://[::1]:2525", ("::1", 2525, "none", True)),
        ("smtp://localhost?starttls=required", ("localhost", 25, "starttls", True)),
        ("smtp://mx.example", ("mx.example", 25, "opportunistic", False)),
        ("smtp://mx.example?verify=yes", ("mx.example", 25, "opportunistic", True)),
        ("smtp://mx.example:587", ("mx.example", 587, "starttls", True)),
        ("smtp://mx.example:587?starttls=none", ("mx.example", 587, "none", True)),
        ("smtp://mx.example?starttls=opportunistic", ("mx.example", 25, "opportunistic", False)),
        ("smtp://u:p@mx.example", ("mx.example", 25, "starttls", True)),
        ("smtp://u:p@mx.example?starttls=opportunistic", ("mx.example", 25, "starttls", True)),
        ("smtp://u:p@localhost", ("localhost", 25, "none", True)),
        ("smtps://u:p@mx.example", ("mx.example", 465, "implicit", True)),
        ("smtps://mx.example:2465?verify=no", ("mx.example", 2465, "implicit", False)),
    ],
)
def test_a_relay_url_gives_host_port_and_tls(url: str, expected: tuple[object, ...]) -> None:
    relay = RelayAddress.parse(url)

    assert (relay.host, relay.port, relay.tls.value, relay.verify) == expected


def test_credentials_are_percent_decoded_and_the_password_is_never_shown() -> None:
    relay = RelayAddress.parse("smtps://us%40er:p%3Ass%2Fw%C3%B6rd@mx.example")

    assert (relay.username, relay.password) == ("us@er", "p:ss/wörd")
    assert "p:ss" not in repr(relay) + str(relay)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mx.example",
        "http://mx.example",
        "smtp://",
        "smtp://:25",
        "smtp://mx.example:0",
        "smtp://mx.example:99999",
        "smtp://mx.example:smtp",
        "smtp://[::1",
        "smtp://user@mx.example",
        "smtp://:secret@mx.example",
        "smtp://u:secret%00@mx.example",
        "smtp://u:secret@mx.example?starttls=none",
        "smtp://mx.example?starttls=perhaps",
        "smtp://mx.example?verify=maybe",
        "smtp://mx.example?colour=red",
        "smtp://u:sec/ret@mx.example",
        "smtps://mx.example?starttls=required",
        "smtp://u:p?secret@mx.example",
        "smtp://mx.example?ca=nowhere.pem",
    ],
)
def test_a_bad_relay_url_is_one_sentence_without_the_secret(url: str) -> None:
    with pytest.raises(ValueError) as raised:
        RelayAddress.parse(url)

    sentence = str(raised.value)
    assert not sentence.endswith(".")
    assert "\n" not in sentence
    assert "secret" not in sentence
