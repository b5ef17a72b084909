"""What is sealed at rest, sealed anew when SECRET_KEY has changed."""

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.errors import SettingsError
from mailer.models import Relay, SigningKey
from mailer.security.vault import Vault


class Counts(NamedTuple):
    """How many secrets there were: sealed anew, and those that were under the new key already."""

    relays: int
    signing_keys: int
    already: int


def rotate(session: Session, *, old: Vault, new: Vault) -> Counts:
    """Seal every relay's password and every signing key under the new key.

    SettingsError names the first that neither key opens; then nothing may be committed. It can be
    done twice: what is under the new key stays as it is.
    """
    relays = keys = already = 0
    for relay in session.scalars(select(Relay).where(Relay.sealed_password.is_not(None))):
        sealed = _anew(relay.sealed_password or "", old, new, f"the password of {relay.name}")
        relays, already = relays + bool(sealed), already + (not sealed)
        relay.sealed_password = sealed or relay.sealed_password
    for key in session.scalars(select(SigningKey)):
        sealed = _anew(key.sealed, old, new, f"the key {key.selector} of {key.domain}")
        keys, already = keys + bool(sealed), already + (not sealed)
        key.sealed = sealed or key.sealed
    return Counts(relays, keys, already)


def _anew(sealed: str, old: Vault, new: Vault, what: str) -> str | None:
    """The secret under the new key; None when it is already."""
    if new.opens(sealed):
        return None
    if not old.opens(sealed):
        raise SettingsError(
            f"Neither the old key nor the one in force opens {what}, so nothing was changed: "
            "look whether it is the right file, or set that secret anew."
        )
    return new.seal(old.open(sealed))
