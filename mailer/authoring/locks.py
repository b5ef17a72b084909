"""Locked blocks: what a template fixes, and no issue that begins with it changes."""

from collections.abc import Mapping
from typing import Any

from mailer.authoring import document as documents
from mailer.authoring.checks import where


def broken_lock(before: Mapping[str, Any], after: Mapping[str, Any]) -> str | None:
    """Why a document may not become another, in a sentence: a locked block changed, or went, or
    stands elsewhere among the locked ones. None where all of them stay."""
    document = documents.read(before)[0]
    locked = [each for each in document.blocks if each.locked]
    if not locked:
        return None
    ids = {each.id for each in locked}
    kept = [each for each in documents.read(after)[0].blocks if each.id in ids]
    if kept == locked:
        return None
    first = next(
        (one for one, other in zip(locked, kept, strict=False) if one != other), locked[-1]
    )
    name = where(first, document.blocks.index(first) + 1)
    return f"{name} comes from the template, which keeps it as it is. Change the template instead."
