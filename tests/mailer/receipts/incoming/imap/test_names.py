"""Folders are named as the server names them."""

import pytest

from mailer.receipts.incoming.imap.names import Naming, folder, is_a_folder, naming_of


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("INBOX", '"INBOX"'),
        ("To look at", '"To look at"'),
        ('a"b\\c', '"a\\"b\\\\c"'),
        ("R&D", '"R&-D"'),
        ("Rückläufer", '"R&APw-ckl&AOQ-ufer"'),
        ("~peter/mail/台北/日本語", '"~peter/mail/&U,BTFw-/&ZeVnLIqe-"'),  # of RFC 3501 5.1.3
        ("😀", '"&2D3eAA-"'),
    ],
)
def test_a_folder_is_written_in_modified_utf_7(name: str, written: str) -> None:
    assert folder(name) == written


@pytest.mark.parametrize(
    ("listed", "namespace", "naming"),
    [
        (b'(\\Noselect) "/" ""', None, Naming("", "/")),
        (b'(\\Noselect) "." ""', None, Naming("", ".")),
        (b'(\\Noselect) "\\\\" ""', None, Naming("", "\\")),
        (b'(\\Noselect) NIL ""', None, Naming("", "")),
        (b'(\\Noselect) "/" ""', b'(("INBOX." ".")) NIL NIL', Naming("INBOX.", ".")),
        (b'(\\Noselect) "/" ""', b'(("" "/")) (("Other/" "/")) NIL', Naming("", "/")),
        (b'(\\Noselect) "." ""', b"NIL NIL NIL", Naming("", ".")),
        (b'(\\Noselect) "." ""', b'(("" NIL)) NIL NIL', Naming("", "")),
        (None, None, Naming("", "/")),
        ((b'() "/" {5}', b"INBOX"), None, Naming("", "/")),
    ],
)
def test_the_server_gives_the_separator_of_levels(
    listed: object, namespace: object, naming: Naming
) -> None:
    assert naming_of(listed, namespace) == naming


def test_our_folders_are_in_the_personal_namespace() -> None:
    assert Naming("INBOX.", ".").ours("Circular", "Processed") == "INBOX.Circular.Processed"
    assert Naming("", "").ours("Circular", "Processed") == "Circular - Processed"
    assert Naming("INBOX.", ".").of("INBOX", "Bounces") == "INBOX.Bounces"


def test_a_name_that_holds_no_messages_is_no_folder() -> None:
    assert is_a_folder(b'(\\HasNoChildren) "/" "Circular/Processed"')
    assert is_a_folder((b'() "/" {18}', b"Circular/Processed"))
    assert not is_a_folder(b'(\\NonExistent \\HasChildren) "/" Circular')
    assert not is_a_folder(b'(\\HasChildren \\Noselect) "/" Circular')
    assert not is_a_folder(None)
