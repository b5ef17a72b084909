"""Secrets at rest, sealed with a key made of SECRET_KEY: the database alone opens nothing."""

from base64 import urlsafe_b64encode
from hashlib import blake2b

from cryptography.fernet import Fernet, InvalidToken

from mailer.errors import SettingsError


class Vault:
    """Seals texts, and opens what was sealed under the same secret."""

    def __init__(self, secret: bytes) -> None:
        # One key for one use: the same secret also makes the tokens, by other keys.
        key = blake2b(b"circular vault", key=blake2b(secret).digest(), digest_size=32).digest()
        self._fernet = Fernet(urlsafe_b64encode(key))

    def seal(self, text: str) -> str:
        """The text, sealed and authenticated; every sealing of it looks different."""
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def open(self, sealed: str) -> str:
        """The text again; SettingsError when it was sealed under another SECRET_KEY."""
        try:
            return self._fernet.decrypt(sealed.encode("ascii")).decode()
        except (InvalidToken, UnicodeError):
            raise SettingsError(
                "A stored secret was sealed under another SECRET_KEY: put that one back, or make "
                "the secret anew."
            ) from None

    def opens(self, sealed: str) -> bool:
        """Whether it was sealed under this secret."""
        try:
            self.open(sealed)
        except SettingsError:
            return False
        return True
