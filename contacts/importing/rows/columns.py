"""Which column holds what: guessed from the header's words, and from what stands in the cells."""

from collections.abc import Sequence

from contacts.errors import BadFile
from contacts.importing.files.delimited import Sheet, looks_like_address
from contacts.importing.words import consent
from contacts.importing.words.consent import About, Says
from contacts.importing.words.fields import NAMES, SEVERAL, WORDS, ColumnField, Columns
from contacts.importing.words.headers import BARE_NAMES, field_of, is_other_email
from contacts.importing.words.plain import plain
from contacts.names import fold

__all__ = ["WORDS", "ColumnField", "Columns", "check", "guess"]

NEWSLETTER_PREFIX = "newsletter: "  # of a column of an export, before the newsletter's slug


def guess(sheet: Sheet) -> dict[int, ColumnField]:
    """The columns that are understood; BadFile when they contradict each other or name nobody."""
    if sheet.shape.header:
        _refuse_doubles(sheet.header)
        found = _by_header(sheet)
        _settle_names(sheet, found)
        _settle_titles(sheet, found)
        _pass_over_member_types(sheet, found)
    else:
        found = {}
    if ColumnField.EMAIL not in found.values():
        place = _by_contents(sheet, found)
        if place is not None:
            found[place] = ColumnField.EMAIL
    elif sheet.shape.header:
        _find_other_addresses(sheet, found)
    if not sheet.shape.header and len(sheet.header) == 2 and len(found) == 1:
        # Without a header only the address can be told by its form. Of two columns the other
        # is a name; of more, a name and a council look alike, and a person has to say.
        found[1 - next(iter(found))] = ColumnField.NAME
    _find_permission(sheet, found)
    check(sheet.header, found)
    return dict(sorted(found.items()))


def check(header: Sequence[str], columns: Columns) -> None:
    """BadFile unless each field is used once and somebody can be recognised."""
    used: dict[ColumnField, str] = {}
    for place, field in columns.items():
        if not 0 <= place < len(header):
            raise BadFile(f"There is no column number {place + 1} in this file.")
        if field in used and field not in SEVERAL:
            raise BadFile(
                f"The columns “{used[field]}” and “{header[place]}” cannot both go into "
                f"“{WORDS[field]}”: choose one of them."
            )
        used[field] = header[place]
    if not used.keys() & {ColumnField.EMAIL, ColumnField.OTHER_EMAIL, *NAMES}:
        raise BadFile(
            "Your file needs a column of e-mail addresses or of names. "
            f"Right now it has {_listed(header)}."
        )


def _by_header(sheet: Sheet) -> dict[int, ColumnField]:
    """Of several columns for one field, one that has something in it, and then the likeliest."""
    best: dict[ColumnField, tuple[bool, int, int]] = {}
    for place, name in enumerate(sheet.header):
        known = field_of(name)
        if known is None:
            continue
        field, rank = known
        here = (not _values(sheet, place), rank, place)
        best[field] = min(best.get(field, here), here)
    return {place: field for field, (_, _, place) in best.items()}


def _values(sheet: Sheet, place: int) -> list[str]:
    """What stands in a column's first rows."""
    return [row[place] for row in sheet.first if place < len(row) and row[place].strip()]


def _settle_titles(sheet: Sheet, found: dict[int, ColumnField]) -> None:
    """ "Title" beside a job title stands before the name; beside a salutation it is the job's."""
    place = next((at for at, name in enumerate(sheet.header) if plain(name) == "title"), None)
    if place is None or place in found or not _values(sheet, place):
        return
    has_title, has_role = (
        field in found.values() for field in (ColumnField.TITLE, ColumnField.ROLE)
    )
    if has_title != has_role:
        found[place] = ColumnField.ROLE if has_title else ColumnField.TITLE


def _pass_over_member_types(sheet: Sheet, found: dict[int, ColumnField]) -> None:
    """Of a campaign of Salesforce: lead or contact, which is no category of members."""
    for place in [at for at, field in found.items() if field is ColumnField.CATEGORY]:
        if {plain(cell) for cell in _values(sheet, place)} <= {"lead", "contact"} and (
            plain(sheet.header[place]) == "membertype"
        ):
            del found[place]


def _settle_names(sheet: Sheet, found: dict[int, ColumnField]) -> None:
    """ "Name" beside a surname is the first name, and beside a first name it is the surname.

    Unless its cells hold both: then it is the full name.
    """
    place_of = {field: place for place, field in found.items()}
    name = place_of.get(ColumnField.NAME)
    first, last = place_of.get(ColumnField.FIRST_NAME), place_of.get(ColumnField.LAST_NAME)
    if name is None or plain(sheet.header[name]) not in BARE_NAMES:
        return
    if (first is None) == (last is None):
        return
    other = first if first is not None else last
    pairs = [
        (fold(row[name]), fold(row[other]))
        for row in sheet.first
        if other is not None and max(name, other) < len(row) and row[name] and row[other]
    ]
    if pairs and sum(part in whole for whole, part in pairs) > len(pairs) / 2:
        return
    found[name] = ColumnField.FIRST_NAME if first is None else ColumnField.LAST_NAME


def _find_other_addresses(sheet: Sheet, found: dict[int, ColumnField]) -> None:
    for place, name in enumerate(sheet.header):
        if place not in found and is_other_email(name):
            cells = _values(sheet, place)
            if not cells or any(map(looks_like_address, cells)):
                found[place] = ColumnField.OTHER_EMAIL


def _find_permission(sheet: Sheet, found: dict[int, ColumnField]) -> None:
    """Columns that speak of permission, by their names or by what stands in them."""
    for place, name in enumerate(sheet.header):
        if place in found:
            continue
        if sheet.shape.header and name.casefold().startswith(NEWSLETTER_PREFIX):
            found[place] = ColumnField.NEWSLETTER
            continue
        if sheet.shape.header and consent.is_aside(name):
            continue
        about = consent.of_header(name) if sheet.shape.header else None
        if about is not None:
            found[place] = _field_about(*about)
        elif _speaks_of_permission(sheet, place) or (
            consent.lists_who_left(sheet.header) and _holds_yes_or_no(sheet, place)
        ):
            found[place] = ColumnField.PERMISSION


def _field_about(says: Says, about: About) -> ColumnField:
    if about is About.REASON:
        return ColumnField.STOP_REASON
    if about is About.TIME:
        return ColumnField.AGREED_AT if says is Says.YES else ColumnField.STOPPED_AT
    return ColumnField.PERMISSION


def _speaks_of_permission(sheet: Sheet, place: int) -> bool:
    cells = _values(sheet, place)
    if not cells:
        return False
    if sheet.shape.header and consent.may_be_status(sheet.header[place]):
        return any(consent.state(cell) or consent.tells(cell) for cell in cells)
    telling = sum(len(cell) < 40 and consent.tells(cell) for cell in cells)
    known = sum(len(cell) < 40 and bool(consent.state(cell)) for cell in cells)
    return telling > 0 and max(known, telling) >= len(cells) / 2


def _holds_yes_or_no(sheet: Sheet, place: int) -> bool:
    cells = _values(sheet, place)
    return bool(cells) and all(consent.truth(cell) is not None for cell in cells)


def _refuse_doubles(header: Sequence[str]) -> None:
    seen: set[str] = set()
    for name in header:
        word = plain(name)
        if word in seen and field_of(name) is not None:
            raise BadFile(
                f"There are two columns called “{name}”. Delete or rename one and try again."
            )
        seen.add(word)


def _by_contents(sheet: Sheet, found: Columns) -> int | None:
    for place in range(len(sheet.header)):
        cells = _values(sheet, place)
        if place not in found and cells and sum(map(looks_like_address, cells)) > len(cells) * 0.6:
            return place
    return None


def _listed(names: Sequence[str]) -> str:
    shown = [f"“{name[:60]}”" if name else "one without a name" for name in names[:12]]
    if len(names) > len(shown):
        shown.append(f"{len(names) - len(shown)} more")
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else shown[0]
