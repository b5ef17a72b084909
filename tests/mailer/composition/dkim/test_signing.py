"""DKIM signatures, checked by somebody else's verifier (dkimpy)."""

import re
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import dkim
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from mailer.composition.dkim.keys import Algorithm, Key, dns_record, generate, load
from mailer.composition.dkim.signing import Signer
from mailer.errors import UnusableKey
from tests.mailer.composition.letters import composed, december_letter

DOMAIN = "coopcouncils.example"
# The verifier compares t= and x= with its own clock.
NOW = datetime.now(UTC) - timedelta(hours=1)
RSA = load(generate(Algorithm.RSA), DOMAIN, "2026a")
ED25519 = load(generate(Algorithm.ED25519), DOMAIN, "2026b")
SIGNER = Signer([RSA, ED25519])
BOTH = [True, True]
LETTER = (
    b"From: Co-op Councils <news@coopcouncils.example>\r\n"
    b"To: Alice <alice@northhaven.example>\r\n"
    b"Subject: News\r\n"
    b"Date: Tue, 08 Dec 2026 10:00:00 +0000\r\n"
    b"List-Unsubscribe: <https://news.coopcouncils.example/u/x>\r\n"
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    b"\r\n"
    b"Dear Alice,\r\n"
)


class VerifyKey:
    """What dkimpy asks of PyNaCl, so that no second crypto library is needed to test."""

    def __init__(self, text: bytes, encoder: object) -> None:
        self._key = Ed25519PublicKey.from_public_bytes(b64decode(text))

    def verify(self, message: bytes, signature: bytes) -> None:
        self._key.verify(signature, message)


@pytest.fixture(autouse=True)
def _ed25519_for_the_verifier(monkeypatch: pytest.MonkeyPatch) -> None:
    nacl = SimpleNamespace(
        signing=SimpleNamespace(VerifyKey=VerifyKey),
        encoding=SimpleNamespace(Base64Encoder=None),
        exceptions=SimpleNamespace(BadSignatureError=InvalidSignature, ValueError=ValueError),
    )
    monkeypatch.setattr(dkim, "nacl", nacl, raising=False)


def verified(message: bytes, *keys: Key) -> list[bool]:
    """Whether each of the signatures holds, the first one first."""
    records = {f"{name}.": value for name, value in map(dns_record, keys or (RSA, ED25519))}

    def published(name: bytes, timeout: int = 5) -> bytes:
        return records[name.decode()].encode()

    count = message.count(b"DKIM-Signature: ")
    return [_holds(message, at, published) for at in range(count)]


def _holds(message: bytes, at: int, published: Callable[..., bytes]) -> bool:
    try:
        return bool(dkim.DKIM(message).verify(idx=at, dnsfunc=published))
    except dkim.ValidationError:  # so it says that the body's hash is another one
        return False


def signature_of(message: bytes, tag: str) -> bytes:
    """A tag of the first signature, without white space."""
    first = message.split(b"DKIM-Signature: ")[1]
    found = re.search(rb"(?:^|[;\s])" + tag.encode() + rb"=([^;]*?)(?:;|\r\n(?! ))", first)
    assert found
    return re.sub(rb"\s", b"", found[1])


def test_the_verifier_knows_the_example_of_rfc_8463() -> None:
    example = (
        b"DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
        b" d=football.example.com; i=@football.example.com;\r\n"
        b" q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
        b" subject : date : message-id : from : subject : date;\r\n"
        b" bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
        b" b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n"
        b" Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n"
        b"From: Joe SixPack <joe@football.example.com>\r\n"
        b"To: Suzie Q <suzie@shopping.example.net>\r\n"
        b"Subject: Is dinner ready?\r\n"
        b"Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
        b"Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
        b"\r\n"
        b"Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n"
    )
    record = b"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

    assert dkim.verify(example, dnsfunc=lambda name, timeout=5: record)
    assert not dkim.verify(
        example.replace(b"dinner", b"supper"), dnsfunc=lambda name, timeout=5: record
    )


def test_a_published_key_is_that_of_rfc_8463() -> None:
    octets = b64decode("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
    key = Key("football.example.com", "brisbane", Ed25519PrivateKey.from_private_bytes(octets))

    assert dns_record(key) == (
        "brisbane._domainkey.football.example.com",
        "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    )


def test_a_newsletter_verifies_with_both_keys() -> None:
    signed = SIGNER.sign(composed(december_letter()).content, now=NOW)

    assert verified(signed) == BOTH
    assert b"a=rsa-sha256;" in signed
    assert b"a=ed25519-sha256;" in signed


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\r\n",
        b"\r\n" * 500,
        b"text",
        b"text\r\n",
        b"text" + b"\r\n" * 500,
        b"text \t \r\n  \r\n \r\n",
        b"  text \r\n\r\n\r\nmore \t",
        b".\r\n..\r\n",
        b"x" * 40_000 + b"\r\n",
    ],
)
def test_any_body_verifies(body: bytes) -> None:
    header = LETTER.partition(b"\r\n\r\n")[0]

    assert verified(SIGNER.sign(header + b"\r\n\r\n" + body, now=NOW)) == BOTH


def test_empty_lines_at_the_end_do_not_count_but_white_space_does() -> None:
    signed = SIGNER.sign(LETTER, now=NOW)

    assert verified(signed + b"\r\n\r\n") == BOTH
    assert verified(signed.removesuffix(b"\r\n")) == BOTH
    assert verified(signed + b" ") == [False, False]


def test_an_empty_body_has_the_hash_the_rfc_gives() -> None:
    """RFC 6376 section 3.4.3."""
    empty = b"frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY="

    for ending in (b"\r\n", b"\r\n\r\n", b"\r\n\r\n\r\n"):
        assert signature_of(SIGNER.sign(b"From: a@b.example" + ending, now=NOW), "bh") == empty


@pytest.mark.parametrize(
    "field",
    [
        b"Subject: a  subject\t with \t white space  \r\n",
        b"Subject:\r\n folded at once\r\n",
        b"Subject: folded\r\n \tthree\r\n\t  times\r\n   \r\n",
        b"SUBJECT:no space\r\n",
        b"Subject:\r\n",
        b"Subject: \r\n",
        b"Subject: first\r\nSubject: second\r\n",
        b"List-Id: one <a.example>\r\nX-Other: x\r\nList-Id: two <b.example>\r\n",
        b"Cc: a@example.org\r\nComments: in between\r\ncc: b@example.org\r\n",
        b"List-Archive: <https://example.org/" + b"x" * 900 + b">\r\n",
        b"List-Owner: <https://example.org/x>,\r\n <mailto:owner@example.org>\r\n",
        b"Feedback-ID: 12:members:newsletter:circular\r\n",
        b'Content-Type: multipart/alternative;\r\n boundary="=_x"\r\n',
    ],
)
def test_any_header_verifies(field: bytes) -> None:
    assert verified(SIGNER.sign(field + LETTER, now=NOW)) == BOTH
    assert verified(SIGNER.sign(LETTER.replace(b"\r\n\r\n", b"\r\n" + field + b"\r\n", 1), now=NOW))


def test_white_space_before_the_colon_does_not_count() -> None:
    """RFC 6376 section 3.4.2; the verifier's own reader knows no such field."""
    signed = SIGNER.sign(LETTER.replace(b"Subject:", b"Subject \t:"), now=NOW)

    assert verified(signed.replace(b"Subject \t:", b"Subject:")) == BOTH


@given(
    value=st.text(alphabet=' \tab:;=\\"<>', max_size=60),
    body=st.lists(st.sampled_from([b"\r\n", b" ", b"\t", b"text", b"."]), max_size=12),
)
def test_white_space_anywhere_verifies(value: str, body: list[bytes]) -> None:
    field = f"Reply-To: x{value}\r\n".encode()

    assert verified(SIGNER.sign(field + LETTER + b"".join(body), now=NOW)) == BOTH


@pytest.mark.parametrize(
    "name",
    "From Subject To Date Reply-To Content-Type List-Unsubscribe List-Unsubscribe-Post".split(),
)
@pytest.mark.parametrize("letter", [LETTER, composed().content])
def test_a_field_added_after_signing_breaks_the_signature(name: str, letter: bytes) -> None:
    signed = SIGNER.sign(letter, now=NOW)
    field = f"{name}: <mallory@example.net>\r\n".encode()

    assert verified(signed) == BOTH
    assert verified(field + signed) == [False, False]
    assert verified(signed.replace(b"\r\n\r\n", b"\r\n" + field + b"\r\n", 1)) == [False, False]


@pytest.mark.parametrize(
    "name",
    (
        "From Reply-To Subject Date To Message-ID MIME-Version Content-Type List-Id "
        "List-Unsubscribe List-Unsubscribe-Post Feedback-ID Content-Language"
    ).split(),
)
def test_a_field_changed_after_signing_breaks_the_signature(name: str) -> None:
    signed = SIGNER.sign(composed().content, now=NOW)

    changed = signed.replace(f"\r\n{name}: ".encode(), f"\r\n{name}: x".encode(), 1)

    assert changed != signed
    assert verified(changed) == [False, False]


def test_what_relays_add_or_change_leaves_the_signature_whole() -> None:
    signed = SIGNER.sign(composed().content, now=NOW)

    refolded = signed.replace(b"\r\nSubject: News for", b"\r\nSUBJECT:  News\r\n\tfor", 1)

    assert refolded != signed
    assert verified(b"Received: from a by b\r\nReturn-Path: <x@y.example>\r\n" + refolded) == BOTH


def test_a_changed_body_breaks_the_signature() -> None:
    signed = SIGNER.sign(LETTER, now=NOW)

    assert verified(signed.replace(b"Dear", b"dear")) == [False, False]


def test_a_retry_is_the_same_message_byte_for_byte() -> None:
    assert SIGNER.sign(LETTER, now=NOW) == Signer([RSA, ED25519]).sign(LETTER, now=NOW)
    assert SIGNER.sign(LETTER, now=NOW) != SIGNER.sign(LETTER, now=NOW + timedelta(seconds=1))


def test_the_message_itself_is_untouched_and_the_order_is_that_of_the_keys() -> None:
    signed = SIGNER.sign(LETTER, now=NOW)

    assert signed.endswith(b"\r\n" + LETTER)
    assert signature_of(signed, "s") == b"2026a"
    assert Signer([]).sign(LETTER, now=NOW) == LETTER


def test_every_line_of_a_signature_fits() -> None:
    domain = "a-rather-long-name-of-some-council.and-of-its-department.local-government.example"
    keys = [load(generate(Algorithm.ED25519), domain, "a-long-selector-of-december-2026")]
    signed = Signer(keys).sign(composed(december_letter()).content, now=NOW)
    field = re.split(rb"\r\n(?! )", signed)[0]

    assert verified(signed, *keys) == [True]
    lines = field.split(b"\r\n")
    assert all(len(line) <= 78 for line in lines if b"d=" not in line)
    assert all(line.strip() for line in lines)


def test_a_signature_lasts_fourteen_days_and_covers_the_whole_body() -> None:
    signed = SIGNER.sign(LETTER, now=NOW)

    assert int(signature_of(signed, "x")) - int(signature_of(signed, "t")) == 14 * 24 * 3600
    assert int(signature_of(signed, "t")) == int(NOW.timestamp())
    assert b" l=" not in signed


def test_both_unsubscribe_fields_are_signed_as_rfc_8058_wants() -> None:
    signed = SIGNER.sign(LETTER, now=NOW)
    listed = signature_of(signed, "h").split(b":")

    assert listed.count(b"list-unsubscribe") == 2
    assert listed.count(b"list-unsubscribe-post") == 2
    assert listed.count(b"from") == 2
    assert listed.count(b"content-type") == 1  # none there, and none may come


def test_two_keys_under_one_selector_are_refused() -> None:
    with pytest.raises(UnusableKey, match=r"selector of its own\.$"):
        Signer([RSA, RSA])


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_a_record_names_its_key_and_its_algorithm(algorithm: Algorithm) -> None:
    name, value = dns_record({Algorithm.RSA: RSA, Algorithm.ED25519: ED25519}[algorithm])

    assert name.endswith(f"._domainkey.{DOMAIN}")
    assert value.startswith(f"v=DKIM1; k={algorithm}; p=")


def pem_of(private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, password: bytes = b"") -> str:
    lock = BestAvailableEncryption(password) if password else NoEncryption()
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock).decode()


SMALL = rsa.generate_private_key(public_exponent=65537, key_size=1024)
CURVE = ec.generate_private_key(ec.SECP256R1())
PUBLIC = CURVE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.mark.parametrize(
    ("pem", "sentence"),
    [
        ("", "not a private key"),
        ("nonsense", "not a private key"),
        ("\ud800", "not a private key"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "not a private key"),
        (PUBLIC, "not a private key"),
        (pem_of(CURVE), "another kind"),
        (pem_of(SMALL), "has 1024 bits"),
        (pem_of(CURVE, b"secret"), "locked with a password"),
    ],
)
def test_a_bad_key_is_a_sentence(pem: str, sentence: str) -> None:
    with pytest.raises(UnusableKey, match=rf"{sentence}.*\.$"):
        load(pem, DOMAIN, "2026a")


@pytest.mark.parametrize(
    ("domain", "selector"),
    [
        ("", "a"),
        ("localhost", "a"),
        ("[192.0.2.1]", "a"),
        ("x; l=0.example", "a"),
        ("a..example", "a"),
        ("coopcouncils.example\n", "a"),
        (DOMAIN, ""),
        (DOMAIN, "a b"),
        (DOMAIN, "a;l=0"),
        (DOMAIN, "a_b"),
        (DOMAIN, "x" * 64),
        (".".join(["x" * 60] * 4), "y" * 60),
    ],
)
def test_a_name_that_dns_cannot_hold_is_a_sentence(domain: str, selector: str) -> None:
    with pytest.raises(UnusableKey, match=r"\.$"):
        load(generate(Algorithm.ED25519), domain, selector)


def test_a_domain_beyond_ascii_is_signed_in_its_a_labels() -> None:
    key = load(generate(Algorithm.ED25519), "Cynghorau-Llŷn.example", "2026C")

    assert dns_record(key)[0] == "2026c._domainkey.xn--cynghorau-lln-f3c.example"


def test_a_key_does_not_show_itself() -> None:
    assert repr(RSA) == "Key(domain='coopcouncils.example', selector='2026a')"
