"""A category as people write it in spreadsheets: its name, its slug or an unambiguous beginning."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy.orm import Session

from contacts.membership.categories import listing
from contacts.models import Holders
from contacts.names import fold

_NOISE: Final = re.compile(r"\b(members?|memberships?|category|councils?)\b")


class UnknownCategory(Exception):
    """No category is meant by these words, or several are."""


class Categories:
    """The categories there are, as (id, slug, name) in their order.

    ``reserved`` are the ids of those that not everybody may hold, with who may.
    """

    def __init__(
        self,
        known: Iterable[tuple[int, str, str]],
        reserved: Mapping[int, Holders] | None = None,
    ) -> None:
        known = list(known)
        self._reserved = reserved or {}
        self._names = [name for _, _, name in known]
        self._ids = {
            word: number for number, slug, name in known for word in (_bare(slug), _bare(name))
        }
        self._found: dict[str, int] = dict(self._ids)

    @classmethod
    def load(cls, session: Session) -> "Categories":
        """Those in the database."""
        rows = listing(session)
        return cls(
            [(each.id, each.slug, each.name) for each in rows],
            {each.id: each.held_by for each in rows if each.held_by is not Holders.BOTH},
        )

    def __contains__(self, text: str) -> bool:
        return text in self._found

    def find(self, text: str) -> int | None:
        """The id of the category that is meant; None for no words."""
        if not text:
            return None
        if text not in self._found:
            # Misspellings stay few or the file is not what it seems: they are not remembered.
            self._found[text] = self._search(text)
        return self._found[text]

    def refuse_misfit(self, number: int, text: str, *, of_organisation: bool) -> None:
        """End here where a row of this kind can't hold the category that ``text`` means."""
        holders = self._reserved.get(number)
        if holders is None or (holders is Holders.ORGANISATIONS) is of_organisation:
            return
        mend = "name the organisation" if not of_organisation else "use another category"
        raise UnknownCategory(f"“{text}” is for {holders} only: {mend} in this row.")

    def _search(self, text: str) -> int:
        word = _bare(text)
        if word in self._ids:
            return self._ids[word]
        meant = {
            number
            for name, number in self._ids.items()
            if word and (name.startswith(word) or word == f"{name}s")
        }
        if len(meant) == 1:
            return meant.pop()
        if meant:
            raise UnknownCategory(f"“{text}” could be several categories. Use {self._listed}.")
        raise UnknownCategory(f"“{text}” is not a category. Use {self._listed}.")

    @property
    def _listed(self) -> str:
        return " or ".join([", ".join(self._names[:-1]), *self._names[-1:]]).removeprefix(" or ")


def _bare(text: str) -> str:
    words = fold(text).replace("-", " ")
    return re.sub(r"[\W_]+", "", _NOISE.sub("", words) or words)
