"""What the sign-in library says, in our words: what happened, and what to do now.

Only keys that can be reached have words. The others belong to features that stay switched off,
which a test holds.
"""

from typing import Final

_WRONG: Final = (
    "The email address or the password is wrong. Check both, or ask an admin for a sign-in link."
)
_SIGN_IN: Final = "Sign in to see this page."
_AGAIN: Final = "Enter your password again to go on."
_NO_RIGHT: Final = "You can’t do this. Ask somebody with the right to do it: an admin can say who."
_UNFIT: Final = "Something in what was sent could not be understood. Go back, and send it again."

# Whether there is such an account is said to nobody: all that fails at a sign-in fails alike.
WORDS: Final[dict[str, tuple[str, str]]] = {
    "GENERIC_AUTHN_FAILED": (_WRONG, "error"),
    "USER_DOES_NOT_EXIST": (_WRONG, "error"),
    "INVALID_PASSWORD": (_WRONG, "error"),
    "IDENTITY_NOT_REGISTERED": (_WRONG, "error"),
    "DISABLED_ACCOUNT": (_WRONG, "error"),
    "INVALID_EMAIL_ADDRESS": (
        "Write the whole email address, like name@northhaven.example.",
        "error",
    ),
    "US_SPECIFY_IDENTITY": ("Write your email address.", "error"),
    "EMAIL_NOT_PROVIDED": ("Write your email address.", "error"),
    "PASSWORD_NOT_PROVIDED": ("Write your password.", "error"),
    "FORGOT_PASSWORD": ("No password yet, or forgotten?", "info"),
    "LOGIN": (_SIGN_IN, "info"),
    "UNAUTHENTICATED": (_SIGN_IN, "error"),
    "REFRESH": (_AGAIN, "info"),
    "REAUTHENTICATION_REQUIRED": (_AGAIN, "error"),
    "UNAUTHORIZED": (_NO_RIGHT, "error"),
    "ANONYMOUS_USER_REQUIRED": (
        "You are signed in already. Sign out first to sign in as somebody else.",
        "error",
    ),
    "INVALID_REDIRECT": (
        "That link leads to another site, so it was not followed. Go on from here.",
        "error",
    ),
    "INVALID_INPUT": (_UNFIT, "error"),
    "INVALID_INPUT_LENGTH": ("Shorten this: it is longer than can be kept.", "error"),
    "API_ERROR": (_UNFIT, "error"),
}


def settings() -> dict[str, tuple[str, str]]:
    """The words as the library takes them from the configuration."""
    return {f"SECURITY_MSG_{key}": said for key, said in WORDS.items()}
