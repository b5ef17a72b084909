"""Why something was not fetched."""

from enum import StrEnum

from mailer.errors import MailerError


class Why(StrEnum):
    """What kept it from being fetched."""

    REFUSED = "refused"  # we don’t ask there
    NO_SUCH_NAME = "no such name"
    AWAY = "away"  # nobody answered, or not in time
    TOO_MUCH = "too much"  # more than is taken
    LATER = "later"  # enough was asked for now
    UNREADABLE = "unreadable"  # an answer that is no HTTP, or a certificate that is no good


class NotFetched(MailerError):
    """Nothing could be fetched from an address; ``why`` says of which kind the reason is."""

    def __init__(self, why: Why, sentence: str) -> None:
        self.why = why
        super().__init__(sentence)
