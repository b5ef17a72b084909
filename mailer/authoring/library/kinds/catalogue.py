"""The kinds of item: whatever modules of this folder define."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from typing import Any, Final

from mailer.authoring.blocks.fields import Field, described
from mailer.authoring.checks import check_values
from mailer.authoring.document import fields_json
from mailer.authoring.library import kinds
from mailer.authoring.library.kinds.base import KeptItem
from mailer.authoring.reading import read_values
from mailer.errors import DocumentError, NotFound


def _classes() -> Iterator[type[KeptItem]]:
    for found in pkgutil.iter_modules(kinds.__path__, f"{kinds.__name__}."):
        if found.name == __name__:
            continue
        module = importlib.import_module(found.name)
        for _, value in inspect.getmembers(module, inspect.isclass):
            if (
                value.__module__ == found.name
                and issubclass(value, KeptItem)
                and value is not KeptItem
            ):
                yield value


KINDS: Final[Mapping[str, type[KeptItem]]] = {
    each.key: each for each in sorted(_classes(), key=lambda kind: kind.position)
}
FIELDS: Final[Mapping[str, tuple[Field, ...]]] = {
    name: described(kind) for name, kind in KINDS.items()
}


def kind_of(name: str) -> type[KeptItem]:
    """The kind of this name; NotFound when there is none."""
    if name not in KINDS:
        raise NotFound("The library holds nothing of that kind.")
    return KINDS[name]


def read_kept(name: str, data: Mapping[str, object]) -> KeptItem:
    """An item out of its fields; DocumentError for unknown ones and wrong types. What is merely
    not finished is for ``unfinished`` to say."""
    kind = kind_of(name)
    values, problems = read_values(data, FIELDS[name], kind, where=kind.type_title)
    if problems:
        raise DocumentError(problems)
    return kind(**values)


def kept_json(kept: KeptItem) -> dict[str, Any]:
    """Its fields as JSON can hold them; those at their default are left out."""
    return fields_json(kept, FIELDS[kept.key])


def unfinished(kept: KeptItem) -> list[tuple[str, str]]:
    """Everything that keeps it from being used: the field at fault and a sentence."""
    return [*check_values(kept, FIELDS[kept.key]), *kept.problems()]
