"""A newsletter as its author made it: a list of blocks, and what can be done to the list."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from mailer.authoring.blocks.base import LEAVE_OUT, MUST_WRITE, Block, Item
from mailer.authoring.blocks.catalogue import BLOCK_TYPES
from mailer.authoring.blocks.fields import Field, default
from mailer.authoring.blocks.story import Story
from mailer.authoring.checks import check_block, where
from mailer.authoring.reading import ID, read_block
from mailer.authoring.revisions import revision_of
from mailer.authoring.text.characters import encodable, one_line
from mailer.errors import DocumentError, NotAllowed, NotFound, Problem

VERSION: Final = 1
MOST_BLOCKS: Final = 200
LARGEST: Final = 1_000_000  # octets of JSON


@dataclass(frozen=True, slots=True)
class Document:
    """The blocks in reading order; every block has an id of its own."""

    blocks: tuple[Block, ...] = ()


def parse(data: object) -> Document:
    """The document in ``data`` (decoded JSON), fit to be sent, or a DocumentError that says why."""
    document, problems = read(data)
    problems += check(document)
    if problems:
        raise DocumentError(problems)
    return without_unwritten(document)


def without_unwritten(document: Document) -> Document:
    """Without the blocks that nobody has written and that a template leaves out then."""
    return Document(tuple(each for each in document.blocks if not is_left_out(each)))


def is_left_out(block: Block) -> bool:
    """Whether nobody has written it, and its template leaves it out of the mail for that."""
    return block.if_unwritten == LEAVE_OUT and is_unwritten(block)


def is_unwritten(block: Block) -> bool:
    """Whether a block is as its template began it, and something has to be written into it."""
    if not block.began_as or block.began_as != beginning_of(block):
        return False
    return block.if_unwritten == MUST_WRITE or any(check_block(block, 1))


def beginning_of(block: Block) -> str:
    """The revision of what a block says, wherever it stands and whoever sees it."""
    bare = replace(block, id="", visible_to=None, note="", began_as="")
    return revision_of(block_json(bare))


def read(data: object) -> tuple[Document, list[Problem]]:
    """The blocks of a draft that can be read, and the problems of the others."""
    if not isinstance(data, Mapping):
        return Document(), [_whole("", "Write the document as an object with a list of blocks.")]
    if problem := _size_problem(data):
        return Document(), [problem]
    problems = [
        _whole(
            encodable(str(name))[:80],
            f"Take out “{one_line(str(name))[:40]}”: a document has version and blocks.",
        )
        for name in data
        if name not in ("version", "blocks")
    ]
    version, blocks = data.get("version"), data.get("blocks")
    if type(version) is not int or version != VERSION:
        problems.append(_whole("version", f"Set the document's version to {VERSION}."))
    if not isinstance(blocks, list | tuple):
        return Document(), [*problems, _whole("blocks", "Write the blocks as a list.")]
    if len(blocks) > MOST_BLOCKS:
        return Document(), [*problems, _too_many(len(blocks))]
    taken, wrong = _ids(blocks)
    found: list[Block] = []
    for number, (each, block_id) in enumerate(zip(blocks, taken, strict=True), start=1):
        block, block_problems = read_block(each, block_id, f"Block {number}")
        problems += block_problems
        if block is not None:
            found.append(block)
    return Document(tuple(found)), problems + wrong


def check_size(data: Mapping[str, object]) -> None:
    """DocumentError unless a document of ours could be read again: of it nothing would be."""
    blocks = data["blocks"]
    assert isinstance(blocks, list)
    if len(blocks) > MOST_BLOCKS:
        raise DocumentError([_too_many(len(blocks))])
    if problem := _size_problem(data):
        raise DocumentError([problem])


def check(document: Document) -> list[Problem]:
    """Everything that keeps a document from being sent."""
    if not document.blocks:
        return [_whole("blocks", "Add at least one block.")]
    problems: list[Problem] = []
    seen: set[str] = set()
    for place, block in enumerate(document.blocks, start=1):
        problems += [] if is_left_out(block) else _problems_of(block, place)
        if BLOCK_TYPES[block.type].only_one and block.type in seen:
            message = f"Remove this one: a newsletter has one {block.type_title.lower()}."
            problems.append(Problem(block.id, where(block, place), "", message))
        seen.add(block.type)
    return [*problems, *_leads(document)]


def _problems_of(block: Block, place: int) -> list[Problem]:
    if block.if_unwritten == MUST_WRITE and is_unwritten(block):
        message = "Write it: the template asks for it in every issue."
        return [Problem(block.id, where(block, place), block.named_by, message)]
    return list(check_block(block, place))


def _leads(document: Document) -> Iterator[Problem]:
    """A problem for each lead story that somebody sees below another one."""
    above: list[Story] = []
    for place, block in enumerate(document.blocks, start=1):
        if not isinstance(block, Story) or not block.is_lead:
            continue
        if any(_both_seen(block, other) for other in above):
            message = "Choose another place for its picture: an issue has one lead story."
            yield Problem(block.id, where(block, place), "layout", message)
        above.append(block)


def _both_seen(one: Block, other: Block) -> bool:
    if one.visible_to is None or other.visible_to is None:
        return True
    return not set(one.visible_to).isdisjoint(other.visible_to)


def check_at(document: Document, at: datetime) -> list[Problem]:
    """Everything that keeps it from being sent at this time: deadlines that have passed."""
    return [
        Problem(block.id, where(block, place), name, message)
        for place, block in enumerate(document.blocks, start=1)
        for name, message in block.problems_at(at)
    ]


def to_json(document: Document) -> dict[str, object]:
    """The document as JSON can hold it; fields at their default are left out."""
    return {"version": VERSION, "blocks": [block_json(block) for block in document.blocks]}


def new_block(kind: str) -> Block:
    """A block of a type with nothing in it but what all of them begin with; ``add`` gives it an
    id."""
    if kind not in BLOCK_TYPES:
        raise NotFound(f"There is no block type “{kind[:40]}”. Choose one of the list.")
    begun = {each.name: each.starts_as for each in BLOCK_TYPES[kind].fields if each.starts_as}
    return written(BLOCK_TYPES[kind].block(), begun)


def written(block: Block, words: Mapping[str, object]) -> Block:
    """The block with these fields; DocumentError for unknown ones and wrong types."""
    if not words:
        return block
    (said,) = edit(Document((replace(block, id="new"),)), "new", words).blocks
    return replace(said, id=block.id)


def add(document: Document, block: Block, *, after: str | None = None) -> Document:
    """With the block behind the one called ``after``, or at the end; it gets a free id.

    The frame is pinned: the masthead stands first and the footer last, whatever is asked for, and
    NotAllowed says that an issue has one of each.
    """
    if block.only_one and any(each.type == block.type for each in document.blocks):
        raise NotAllowed(f"This issue has its {block.type_title.lower()} already.")
    taken = {each.id for each in document.blocks}
    if not block.id or block.id in taken:
        block = replace(block, id=_free_id(len(document.blocks) + 1, taken))
    place = len(document.blocks) if after is None else _place(document, after) + 1
    return _put(document.blocks, block, place)


def edit(document: Document, block_id: str, changes: Mapping[str, object]) -> Document:
    """With some of the block's fields changed. Unknown fields and wrong types are DocumentErrors;
    what is merely not finished is for ``check`` to say."""
    place = _place(document, block_id)
    block = document.blocks[place]
    data = {**block_json(block), **changes, "id": block.id, "type": block.type}
    changed, problems = read_block(data, block.id, f"Block {place + 1}")
    if problems or changed is None:
        raise DocumentError(problems)
    return Document((*document.blocks[:place], changed, *document.blocks[place + 1 :]))


def move(document: Document, block_id: str, to: int) -> Document:
    """With the block at the place ``to`` (from 0), or as near as the list and its frame allow;
    NotAllowed for the masthead and the footer, which stay where they are."""
    block = document.blocks[_place(document, block_id)]
    if block.pinned:
        raise NotAllowed(f"The {block.type_title.lower()} stays {block.pinned}.")
    rest = tuple(each for each in document.blocks if each.id != block_id)
    return _put(rest, block, to)


def remove(document: Document, block_id: str) -> Document:
    """Without the block; NotAllowed for the masthead and the footer, which every issue has."""
    place = _place(document, block_id)
    block = document.blocks[place]
    if block.pinned:
        raise NotAllowed(f"Every issue has a {block.type_title.lower()}, so it can’t be removed.")
    return Document((*document.blocks[:place], *document.blocks[place + 1 :]))


def _put(blocks: tuple[Block, ...], block: Block, place: int) -> Document:
    """The block among the others, below a masthead and above a footer."""
    first = sum(each.pinned == "first" for each in blocks)
    last = len(blocks) - sum(each.pinned == "last" for each in blocks)
    if block.pinned:
        place = 0 if block.pinned == "first" else len(blocks)
    else:
        place = max(first, min(place, last))
    return Document((*blocks[:place], block, *blocks[place:]))


def _place(document: Document, block_id: str) -> int:
    for place, block in enumerate(document.blocks):
        if block.id == block_id:
            return place
    raise NotFound("That block is no longer in the newsletter. Somebody may have removed it.")


def _ids(blocks: list[object] | tuple[object, ...]) -> tuple[list[str], list[Problem]]:
    """An id for every block: its own, or a deterministic one where it brings none."""
    given = [each.get("id") if isinstance(each, Mapping) else None for each in blocks]
    taken: set[str] = set()
    problems = []
    for number, block_id in enumerate(given, start=1):
        if block_id is None:
            continue
        if not isinstance(block_id, str) or not ID.fullmatch(block_id):
            message = "Give the block an id of letters, digits, “-” and “_”, or none."
            problems.append(Problem("", f"Block {number}", "id", message))
        elif block_id in taken:
            message = f"Give the block another id: “{block_id}” is taken by one above."
            problems.append(Problem(block_id, f"Block {number}", "id", message))
        else:
            taken.add(block_id)
    ids, used = [], set(taken)
    for number, block_id in enumerate(given, start=1):
        if isinstance(block_id, str) and block_id in taken:
            ids.append(block_id)
            taken.discard(block_id)
        else:
            ids.append(_free_id(number, used))
            used.add(ids[-1])
    return ids, problems


def _free_id(number: int, taken: set[str]) -> str:
    while f"b{number}" in taken:
        number += 1
    return f"b{number}"


def block_json(block: Block) -> dict[str, object]:
    """One block as JSON can hold it."""
    data: dict[str, object] = {"id": block.id, "type": block.type}
    if block.visible_to is not None:
        data["visible_to"] = list(block.visible_to)
    for name in ("note", "locked", "if_unwritten", "began_as"):
        if said := getattr(block, name):
            data[name] = said
    if block.source:
        data["source"] = block.source
    return data | fields_json(block, BLOCK_TYPES[block.type].fields)


def fields_json(thing: object, fields: tuple[Field, ...]) -> dict[str, object]:
    """The fields of a block, or of something else that has such fields, that say something."""
    data: dict[str, object] = {}
    for field in fields:
        value = getattr(thing, field.name)
        if value == default(type(thing), field.name):
            continue
        if isinstance(value, tuple):
            value = [_item_json(each, field.parts) for each in value]
        data[field.name] = value
    return data


def _item_json(item: Item, fields: tuple[Field, ...]) -> dict[str, object]:
    data = fields_json(item, fields)
    return data | {"source": item.source} if item.source else data


def _too_many(number: int) -> Problem:
    return _whole("blocks", f"Keep to {MOST_BLOCKS} blocks: there are {number}.")


def _size_problem(data: Mapping[Any, object]) -> Problem | None:
    try:
        size = len(json.dumps(data))
    except (TypeError, ValueError, RecursionError):
        return _whole("", "Write the document as plain JSON.")
    if size <= LARGEST:
        return None
    return _whole("", f"Make the document smaller: it has {size:,} characters, not {LARGEST:,}.")


def _whole(field: str, message: str) -> Problem:
    return Problem("", "The document", field, message)
