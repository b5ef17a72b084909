"""Which column holds what: guessed from the header's words, and from the cells for addresses."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from contacts.errors import BadFile
from contacts.importing.files.delimited import Sheet, looks_like_address


class ColumnField(StrEnum):
    """What a column can go into."""

    EMAIL = "email"
    NAME = "name"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    ORGANISATION = "organisation"
    CATEGORY = "category"
    ROLE = "role"
    TAGS = "tags"


Columns = Mapping[int, ColumnField]
WORDS: Final = {
    ColumnField.EMAIL: "Email",
    ColumnField.NAME: "Full name",
    ColumnField.FIRST_NAME: "First name",
    ColumnField.LAST_NAME: "Last name",
    ColumnField.ORGANISATION: "Organisation name",
    ColumnField.CATEGORY: "Category",
    ColumnField.ROLE: "Role",
    ColumnField.TAGS: "Tags",
}
# The words of headers without case, spaces and punctuation; the likelier first.
_HEADERS: Final = {
    ColumnField.EMAIL: (
        *("email", "emailaddress", "emailaddr", "mail", "mailaddress", "emails", "emailid"),
        *("primaryemail", "contactemail", "workemail", "emailwork", "email1", "emailaddress1"),
        *("emailaddresses", "personalemail"),
    ),
    ColumnField.NAME: (
        *("name", "fullname", "contactname", "membername", "displayname", "personname"),
        *("contact", "person", "names", "councillor"),
    ),
    ColumnField.FIRST_NAME: (
        "firstname",
        "forename",
        "givenname",
        "first",
        "forenames",
        "givennames",
    ),
    ColumnField.LAST_NAME: ("lastname", "surname", "familyname", "last", "secondname"),
    ColumnField.ORGANISATION: (
        *("organisation", "organization", "organisationname", "organizationname", "org"),
        *("orgname", "council", "councilname", "localauthority", "authority", "company"),
        *("companyname", "employer", "institution", "memberorganisation", "organisations"),
    ),
    ColumnField.CATEGORY: (
        *("category", "membershipcategory", "membership", "membershiptype", "membtype"),
        *("membertype", "membercategory", "membershiplevel", "memberlevel", "memtype", "tier"),
    ),
    ColumnField.ROLE: (
        *("role", "roles", "jobtitle", "position", "job", "jobrole", "positiontitle", "post"),
    ),
    ColumnField.TAGS: ("tags", "tag", "labels", "label", "keywords"),
}
_BY_HEADER: Final = {
    word: (field, rank) for field, words in _HEADERS.items() for rank, word in enumerate(words)
}


def guess(sheet: Sheet) -> dict[int, ColumnField]:
    """The columns that are understood; BadFile when they contradict each other or name nobody."""
    if sheet.shape.header:
        _refuse_doubles(sheet.header)
        found = _by_header(sheet.header)
    else:
        found = {}
    if ColumnField.EMAIL not in found.values():
        place = _by_contents(sheet)
        if place is not None:
            found[place] = ColumnField.EMAIL
    if not sheet.shape.header and len(sheet.header) == 2 and len(found) == 1:
        # Without a header only the address can be told by its form. Of two columns the other
        # is a name; of more, a name and a council look alike, and a person has to say.
        found[1 - next(iter(found))] = ColumnField.NAME
    check(sheet.header, found)
    return dict(sorted(found.items()))


def check(header: Sequence[str], columns: Columns) -> None:
    """BadFile unless each field is used once and somebody can be recognised."""
    used: dict[ColumnField, str] = {}
    for place, field in columns.items():
        if not 0 <= place < len(header):
            raise BadFile(f"There is no column number {place + 1} in this file.")
        if field in used:
            raise BadFile(
                f"The columns “{used[field]}” and “{header[place]}” cannot both go into "
                f"“{WORDS[field]}”: choose one of them."
            )
        used[field] = header[place]
    if not used.keys() & {
        ColumnField.EMAIL,
        ColumnField.NAME,
        ColumnField.FIRST_NAME,
        ColumnField.LAST_NAME,
    }:
        raise BadFile(
            "Your file needs a column of e-mail addresses or of names. "
            f"Right now it has {_listed(header)}."
        )


def plain(word: str) -> str:
    """A header's word as compared: no case, spaces or punctuation, no accents."""
    folded = unicodedata.normalize("NFKD", word).casefold()
    return re.sub(r"[\W_]+", "", "".join(c for c in folded if not unicodedata.combining(c)))


def _by_header(header: Sequence[str]) -> dict[int, ColumnField]:
    best: dict[ColumnField, tuple[int, int]] = {}
    for place, name in enumerate(header):
        known = _BY_HEADER.get(plain(name))
        if known is None:
            continue
        field, rank = known
        best[field] = min(best.get(field, (rank, place)), (rank, place))
    return {place: field for field, (_, place) in best.items()}


def _refuse_doubles(header: Sequence[str]) -> None:
    seen: set[str] = set()
    for name in header:
        word = plain(name)
        if word in seen and word in _BY_HEADER:
            raise BadFile(
                f"There are two columns called “{name}”. Delete or rename one and try again."
            )
        seen.add(word)


def _by_contents(sheet: Sheet) -> int | None:
    for place in range(len(sheet.header)):
        cells = [row[place] for row in sheet.first if place < len(row) and row[place].strip()]
        if cells and sum(map(looks_like_address, cells)) > len(cells) * 0.6:
            return place
    return None


def _listed(names: Sequence[str]) -> str:
    shown = [f"“{name[:60]}”" if name else "one without a name" for name in names[:12]]
    if len(names) > len(shown):
        shown.append(f"{len(names) - len(shown)} more")
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else shown[0]
