"""The conversation without a socket: it does not matter in which pieces the octets come."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mailer.smtpd.protocol import Arrival, SmtpDialogue, Terms

ALPHABET = [
    *(b"\r\n", b"\r", b"\n", b".", b"..", b"x", b"\x00", b" ", b"\r\n.\r\n", b"x" * 60),
    *(b"EHLO x\r\n", b"LHLO x\r\n", b"MAIL FROM:<>\r\n", b"MAIL FROM:<a@x> SIZE=9\r\n"),
    *(b"RCPT TO:<a@x>\r\n", b"RCPT TO:<no@x>\r\n", b"DATA\r\n", b"RSET\r\n", b"NOOP\r\n"),
]


def terms(*, lmtp: bool = False) -> Terms:
    return Terms(
        name="mx.example",
        accepts=lambda address: not address.startswith("no"),
        largest=100,
        recipients=2,
        faults=1000,
        commands=1_000,
        lmtp=lmtp,
    )


def conversation(pieces: list[bytes], *, lmtp: bool) -> list[bytes | Arrival]:
    dialogue = SmtpDialogue(terms(lmtp=lmtp))
    actions: list[bytes | Arrival] = []
    for piece in pieces:
        dialogue.receive(piece)
        while (action := dialogue.next_action()) is not None:
            actions.append(action)
    return actions


@given(st.lists(st.sampled_from(ALPHABET), max_size=60), st.booleans(), st.data())
def test_replies_are_the_same_however_the_octets_are_split(
    commands: list[bytes], lmtp: bool, data: st.DataObject
) -> None:
    octets = b"".join(commands)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(octets)), max_size=20)))
    ends = [0, *cuts, len(octets)]

    whole = conversation([octets], lmtp=lmtp)
    pieces = conversation([octets[start:end] for start, end in pairwise(ends)], lmtp=lmtp)

    assert pieces == whole


@given(st.lists(st.sampled_from(ALPHABET), max_size=60))
def test_a_message_is_whole_and_within_the_limits(commands: list[bytes]) -> None:
    opening = b"MAIL FROM:<>\r\nRCPT TO:<a@x>\r\nDATA\r\n"

    for action in conversation([opening, b"".join(commands)], lmtp=False):
        if isinstance(action, Arrival):
            assert len(action.octets) <= 100
            assert 1 <= len(action.sent_to) <= 2
            assert action.octets == b"" or action.octets.endswith(b"\r\n")
        else:
            assert action.endswith(b"\r\n")


@given(st.binary(max_size=45))
def test_any_content_arrives_as_it_was_sent(content: bytes) -> None:
    """Stuffed as RFC 5321 4.5.2 has it, every run of octets comes out the same."""
    lines = content.split(b"\r\n")
    stuffed = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines)
    opening = b"MAIL FROM:<>\r\nRCPT TO:<a@x>\r\nDATA\r\n"

    *_, action = conversation([opening + stuffed + b"\r\n.\r\n"], lmtp=False)

    assert isinstance(action, Arrival)
    assert action.octets == content + b"\r\n"
