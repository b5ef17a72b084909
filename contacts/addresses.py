"""E-mail addresses: parsing, the form they are compared in, and a fast path for bulk.

An address is kept twice: as it goes on the wire (the local part as given, the domain in lower case
and as A-labels) and as the key it is compared by, all in lower case. RFC 5321 2.4 lets a host tell
``Ann@`` from ``ann@``; none that matters does, and treating them as two would send two copies.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from email_validator import EmailNotValidError, validate_email

from contacts.errors import BadAddress

# Plain ASCII dot-atoms with an ordinary domain: all but a few of real addresses, in a microsecond.
_PLAIN: Final = re.compile(
    r"[A-Za-z0-9_](?:[A-Za-z0-9_+'-]|\.(?!\.|@)){0,63}"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
# Ends of domains that no mail ever reaches (RFC 2606, 6761, 6762, 7686; arpa holds no mailboxes).
# ``example`` is reserved too, and is left: examples, the demo and the tests live in it.
NOWHERE: Final = frozenset(
    {"test", "invalid", "localhost", "local", "localdomain", "onion", "arpa"}
)
_WRAPPED: Final = re.compile(r"[^<>]*<([^<>]+)>\s*")
_INVISIBLE: Final = dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0xAD, 0xA0), None)
_TRIM: Final = " \t\r\n\"'‘’“”<>,;:."
_SHOWN: Final = 80  # characters of what can't be read, in the sentence about it
_DOTS_DO_NOT_COUNT: Final = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox: ``wire`` to write to, ``key`` to compare by."""

    wire: str
    key: str

    @property
    def domain(self) -> str:
        return self.key.rpartition("@")[2]


def parse(text: str) -> Address:
    """The address in ``text``; BadAddress says in a sentence what is wrong with it.

    Forgives what spreadsheets and address books wrap around an address: white space, zero-width
    characters, ``mailto:``, ``Name <address>``, quotes and a trailing comma or full stop. Refuses
    what is an address and can never be mailed.
    """
    address = read(text)
    if address.key.rpartition(".")[2] in NOWHERE:
        raise BadAddress(
            f"No mail ever reaches {address.domain}: write the address that the person uses."
        )
    return address


def read(text: str) -> Address:
    """The same for what was accepted before: to find somebody by it, not to write to it."""
    if len(text) < 255 and _PLAIN.fullmatch(text) and len(text.partition("@")[0]) <= 64:
        local, _, domain = text.partition("@")
        return Address(f"{local}@{domain.lower()}", text.lower())
    return _parse_carefully(text)


@lru_cache(maxsize=4096)
def _parse_carefully(text: str) -> Address:
    if len(text) > 1000:
        raise BadAddress("This is too long to be an e-mail address.")
    cleaned = unicodedata.normalize("NFC", text).translate(_INVISIBLE).strip()
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in cleaned):
        raise BadAddress("Not an e-mail address: it holds a line break or a control character.")
    if wrapped := _WRAPPED.fullmatch(cleaned):
        cleaned = wrapped[1]
    cleaned = re.sub(r"(?i)^mailto:", "", cleaned).strip(_TRIM)
    if not cleaned:
        raise BadAddress("There is no e-mail address here.")
    if cleaned.count("@") > 1 and re.search(r"[,;\s]", cleaned):
        raise BadAddress("There is more than one e-mail address here: keep one.")
    if cleaned.lower().rpartition("@")[2] == "localhost":
        raise BadAddress("No mail from here reaches localhost: write the address in full.")
    if "@" not in cleaned:
        raise BadAddress("Not an e-mail address: there is no @ in it.")
    try:
        checked = validate_email(cleaned, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise BadAddress(f"Not an e-mail address: {_sentence(str(error))}") from None
    if "." not in checked.ascii_domain:
        raise BadAddress(f"Not an e-mail address: “{checked.ascii_domain}” is no whole domain.")
    wire = f"{checked.local_part}@{checked.ascii_domain.lower()}"
    if len(checked.local_part.encode()) > 64 or len(wire.encode()) > 254:  # RFC 5321 4.5.3.1
        raise BadAddress("Not an e-mail address: it is longer than addresses can be.")
    if wire.startswith("-"):  # some mail programs would take it for an option
        raise BadAddress("Not an address we can write to: it starts with a hyphen.")
    return Address(wire, wire.lower())


def several(text: str, *, most: int) -> list[Address]:
    """The addresses in a text, parted by commas, semicolons or line ends, each mailbox once.

    BadAddress names the one that can't be read, and says so when there are more than ``most``.
    """
    found: dict[str, Address] = {}
    for part in filter(None, (each.strip() for each in re.split(r"[,;\r\n]+", text))):
        try:
            address = parse(part)
        except BadAddress as error:
            raise BadAddress(f"“{part[:_SHOWN]}”: {error}") from None
        found[address.key] = address
    if len(found) > most:
        raise BadAddress(f"Write at most {most} addresses: these are {len(found)}.")
    return list(found.values())


def mailbox_of(address: str) -> str:
    """The mailbox that an address most likely ends in, for counting what somebody is sent.

    ``Ann.Bell+news@googlemail.com`` is ``annbell@gmail.com``: case, what follows a plus sign
    (RFC 5233), and at Google dots make no other mailbox. Where a host thinks otherwise, two
    people are counted as one; so it is for caps, never for deciding whom a mail is for.
    """
    local, _, domain = address.strip().lower().rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _DOTS_DO_NOT_COUNT:
        local, domain = local.replace(".", "") or local, _DOTS_DO_NOT_COUNT[domain]
    return f"{local}@{domain}"


def masked(key: str) -> str:
    """An address shown to somebody who may only have been forwarded its mail: ``am••••@…``."""
    local, _, domain = key.partition("@")
    return f"{local[:2]}••••@{domain}"


def _sentence(text: str) -> str:
    text = text.strip().rstrip(".")
    return f"{text[:1].lower()}{text[1:]}."


def sender_of(text: str) -> tuple[str, str]:
    """Name and address of ``"Name <address>"``."""
    address = parse(text).wire
    name = text.partition("<")[0].strip().strip('"').strip() if "<" in text else ""
    return name, address
