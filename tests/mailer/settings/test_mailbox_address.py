"""What an operator may write in BOUNCE_MAILBOX."""

from pathlib import Path

import pytest

from mailer.errors import SettingsError
from mailer.settings.environment import load
from mailer.settings.mailbox_address import MailboxAddress


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("imaps://u:p@imap.example", ("imap.example", 993, "tls", ("INBOX",))),
        ("imaps://u:p@imap.example:1993/", ("imap.example", 1993, "tls", ("INBOX",))),
        (
            "imaps://u:p@imap.example/INBOX/Bounces",
            ("imap.example", 993, "tls", ("INBOX", "Bounces")),
        ),
        ("imaps://u:p@imap.example/a%2Fb%20c", ("imap.example", 993, "tls", ("a/b c",))),
        ("imap://u:p@imap.example", ("imap.example", 143, "starttls", ("INBOX",))),
        ("imap://u:p@127.0.0.1", ("127.0.0.1", 143, "clear", ("INBOX",))),
        ("imap://u:p@[::1]:1143/B", ("::1", 1143, "clear", ("B",))),
        ("imap://u:p@localhost?starttls=required", ("localhost", 143, "starttls", ("INBOX",))),
    ],
)
def test_a_mailbox_url_gives_host_port_tls_and_folder(
    text: str, expected: tuple[object, ...]
) -> None:
    mailbox = MailboxAddress.parse(text)

    assert (mailbox.host, mailbox.port, mailbox.security, mailbox.folder) == expected


def test_user_and_password_are_percent_decoded_and_never_shown() -> None:
    mailbox = MailboxAddress.parse("imaps://us%40er:p%3Ass%2Fw%C3%B6rd@imap.example/B")

    assert (mailbox.user, mailbox.password) == ("us@er", "p:ss/wörd")
    assert str(mailbox) == "imap.example:993"
    assert "us@er" not in repr(mailbox)
    assert "p:ss" not in repr(mailbox)


def test_a_key_tells_one_mailbox_from_another_and_nothing_of_its_password() -> None:
    keys = {
        MailboxAddress.parse(text).key
        for text in (
            "imaps://u:p@imap.example/B",
            "imaps://u:other@imap.example/B",
            "imaps://v:p@imap.example/B",
            "imaps://u:p@imap.example/C",
            "imaps://u:p@other.example/B",
        )
    }

    assert len(keys) == 4
    assert all(len(key) == 16 for key in keys)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("yes", "write imaps://user:password@host:port/Folder"),
        ("pop3://u:hunter2@h.example", "write imaps://"),
        ("imaps://u:hunter2@", "write imaps://"),
        ("imaps://u:hunter2@h.example:0", "write imaps://"),
        ("imaps://u:hunter2@h.example:993x", "percent-encode"),
        ("imaps://u:hunter2/hunter2@h.example", "percent-encode"),
        ("imaps://u:hun[ter2@h.example", "percent-encode"),
        ("imaps://u:hunter2@h.example/B#x", "percent-encode #"),
        ("imaps://h.example", "needs a user and a password"),
        ("imaps://u@h.example", "needs a user and a password"),
        ("imaps://:hunter2@h.example", "needs a user and a password"),
        ("imaps://u:hunter2@h ost.example", "no host that can be used"),
        ("imaps://u:hunter2%FF@h.example", "password is no UTF-8"),
        ("imaps://u:hunter2%0D%0A@h.example", "password has a line end"),
        ("imaps://u%00:hunter2@h.example", "user has a line end or a null"),
        ("imaps://u:hunter2@h.example/a%0Db", "folder has a line end"),
        ("imaps://u:hunter2@h.example/a//b", "level without a name"),
        ("imaps://u:hunter2@h.example?starttls=required", "goes with imap://"),
        ("imap://u:hunter2@h.example?starttls=none", "are ca=FILE and starttls=required"),
        ("imap://u:hunter2@h.example?verify=no", "are ca=FILE and starttls=required"),
        ("imaps://u:hunter2@h.example?ca=/nowhere/at.all", "file named by ca is not there"),
    ],
)
def test_a_bad_value_is_one_sentence_without_the_secret(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str, sentence: str
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("BOUNCE_MAILBOX", value)

    with pytest.raises(SettingsError, match=r"^BOUNCE_MAILBOX cannot be used: ") as caught:
        load()

    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "hun" not in str(caught.value)


def test_a_mailbox_is_fetched_every_five_seconds_at_most(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("BOUNCE_MAILBOX_EVERY", "4")

    with pytest.raises(SettingsError, match="BOUNCE_MAILBOX_EVERY"):
        load()
