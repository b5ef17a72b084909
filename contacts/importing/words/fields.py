"""What a column of a file can go into."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class ColumnField(StrEnum):
    """What a column can go into."""

    EMAIL = "email"
    OTHER_EMAIL = "other_email"
    TITLE = "title"
    NAME = "name"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    ORGANISATION = "organisation"
    CATEGORY = "category"
    ROLE = "role"
    TAGS = "tags"
    PERMISSION = "permission"
    AGREED_AT = "agreed_at"
    STOPPED_AT = "stopped_at"
    STOP_REASON = "stop_reason"
    NEWSLETTER = "newsletter"


Columns = Mapping[int, ColumnField]
WORDS: Final = {
    ColumnField.EMAIL: "Email",
    ColumnField.OTHER_EMAIL: "Another email, for rows without the first",
    ColumnField.TITLE: "Title before the name",
    ColumnField.NAME: "Full name",
    ColumnField.FIRST_NAME: "First name",
    ColumnField.LAST_NAME: "Last name",
    ColumnField.ORGANISATION: "Organisation name",
    ColumnField.CATEGORY: "Category",
    ColumnField.ROLE: "Role",
    ColumnField.TAGS: "Tags",
    ColumnField.PERMISSION: "May we write to them?",
    ColumnField.AGREED_AT: "When they agreed",
    ColumnField.STOPPED_AT: "When they left or were stopped",
    ColumnField.STOP_REASON: "Why they left or were stopped",
    ColumnField.NEWSLETTER: "Where they stand with the newsletter of this name",
}
NAMES: Final = frozenset({ColumnField.NAME, ColumnField.FIRST_NAME, ColumnField.LAST_NAME})
# What may stand in several columns: each says something, and the strongest word counts. Of
# addresses the first counts.
SEVERAL: Final = frozenset(
    {
        ColumnField.OTHER_EMAIL,
        ColumnField.PERMISSION,
        ColumnField.AGREED_AT,
        ColumnField.STOPPED_AT,
        ColumnField.STOP_REASON,
        ColumnField.NEWSLETTER,
    }
)
