"""DKIM: whether the published keys are the keys we sign with (RFC 6376 section 3.6.1)."""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from mailer.domains.answers import Resolver
from mailer.domains.findings import Finding, Judgement, Level, Record, quoted
from mailer.domains.tags import tags

_ABOUT: Final = "DKIM"
_PUBLISH: Final = "Publish this record with whoever keeps the domain’s DNS."
_REPLACE: Final = "Put this record in its place."


@dataclass(frozen=True, slots=True)
class OurKey:
    """A key of ours: the record it needs, and whether mail is signed with it by now."""

    record: Record
    signs: bool

    @property
    def algorithm(self) -> str:
        """``rsa`` or ``ed25519``."""
        return tags(self.record.value)["k"]


def judge(resolver: Resolver, domain: str, keys: Sequence[OurKey]) -> Judgement:
    """A finding for each key, or one that there is none."""
    if not keys:
        finding = Finding(
            _ABOUT,
            Level.LOOK,
            f"Mail from {domain} is not signed here: there are no keys for it.",
            "Make keys under Senders and domains, unless your relay signs as this very domain.",
        )
        return Judgement((finding,), passes=False)
    findings = [_check_key(resolver, key) for key in keys]
    return Judgement(tuple(findings), _passes(keys, findings))


def _passes(keys: Sequence[OurKey], findings: Sequence[Finding]) -> bool | None:
    # Large receivers do not read Ed25519 yet, so a pass has to come from an RSA key.
    levels = [
        finding.level
        for key, finding in zip(keys, findings, strict=True)
        if key.signs and key.algorithm == "rsa"
    ]
    if any(level in {Level.OK, Level.LOOK} for level in levels):
        return True
    return None if Level.UNCHECKED in levels else False


def _check_key(resolver: Resolver, key: OurKey) -> Finding:
    name = key.record.name
    answer = resolver.txt(name)
    if not answer.known:
        return Finding(_ABOUT, Level.UNCHECKED, f"DNS gave no answer about {name}.")
    if not answer.records:
        signed = ", and mail is signed with it all the same" if key.signs else ""
        what = f"The key at {name} is not published{signed}."
        return Finding(_ABOUT, Level.FIX, what, _PUBLISH, key.record)
    if len(answer.records) > 1:
        what = f"There are {len(answer.records)} records at {name}: receivers take any of them."
        return Finding(_ABOUT, Level.FIX, what, "Keep this one and take away the rest.", key.record)
    return _check_record(answer.records[0], key)


def _check_record(record: str, key: OurKey) -> Finding:
    name = key.record.name
    if fault := next(_faults(record, key), ""):
        what = f"The record at {name} {fault}."
        return Finding(_ABOUT, Level.FIX, what, _REPLACE, key.record)
    if "y" in _flags(record, "t"):
        what = f"The key at {name} is published as a test (t=y): receivers may ignore it."
        return Finding(_ABOUT, Level.LOOK, what, _REPLACE, key.record)
    if not key.signs:
        what = f"The key at {name} is published; mail is not signed with it yet."
        return Finding(_ABOUT, Level.LOOK, what, "Begin to sign, under Senders and domains.")
    return Finding(_ABOUT, Level.OK, f"The key at {name} is published as it should be.")


def _faults(record: str, key: OurKey) -> Iterator[str]:
    """How a record differs from our key's, each the end of a sentence, the worst first."""
    found = tags(record)
    kind = found.get("k", "rsa")
    if "p" not in found or found.get("v", "DKIM1") != "DKIM1":
        yield f"is no DKIM key: {quoted(record)}"
    elif not found["p"]:
        yield "revokes the key: its p= is empty"
    elif kind.lower() != key.algorithm:
        yield f"is of another kind of key, {quoted(kind)}"
    elif _octets(found["p"]) != _octets(tags(key.record.value)["p"]):
        yield "holds another key than ours"
    if "sha256" not in _flags(record, "h", "sha256"):
        yield "does not allow SHA-256, which mail is signed with"
    if not {"*", "email"} & _flags(record, "s", "*"):
        yield "is not for e-mail: its s= says so"


def _flags(record: str, tag: str, default: str = "") -> set[str]:
    value = tags(record).get(tag, default)
    return {flag.strip().lower() for flag in value.split(":")}


def _octets(value: str) -> bytes | None:
    """A key's octets; white space within is ignored (section 3.2, FWS)."""
    try:
        return b64decode("".join(value.split()), validate=True)
    except (NotBase64, ValueError):
        return None
