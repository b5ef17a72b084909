"""What is ready in the library, for Home: how many of each kind, and the first few to add."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from mailer.authoring.library import listing
from mailer.authoring.library.kinds.catalogue import KINDS
from mailer.campaigns.naming.months import month_words
from mailer.models import Campaign
from mailer.web.admin.newsletters.finding import link
from mailer.web.transactions import session

_MOST: Final = 200
_FEW: Final = 4


@dataclass(frozen=True, slots=True)
class ReadyItem:
    """One that can be added: its title, what it is and whose."""

    id: int
    title: str
    about: str


@dataclass(frozen=True, slots=True)
class ReadyInLibrary:
    """``counts`` in words, the first few, and the issue that they can be added to: the address of
    the form, and its month."""

    counts: str
    items: list[ReadyItem]
    url: str
    month: str


def ready(issue: Campaign | None) -> ReadyInLibrary | None:
    """What is ready; None where nothing is."""
    found = [each.item for each in listing.offered(session(), most=_MOST)]
    if not found:
        return None
    number = Counter(each.kind for each in found)
    counts = [
        f"{number[name]:,} {_lower(kind.type_title if number[name] == 1 else kind.type_plural)}"
        for name, kind in KINDS.items()
        if number[name]
    ]
    items = [
        ReadyItem(
            each.id,
            each.title,
            " · ".join(
                filter(
                    None,
                    (
                        KINDS[each.kind].type_title,
                        each.organisation.name if each.organisation else "",
                    ),
                )
            ),
        )
        for each in found[:_FEW]
    ]
    adds = issue is not None and issue.editable
    return ReadyInLibrary(
        ", ".join(counts),
        items,
        link("from_library.add", issue) if issue and adds else "",
        month_words(issue.month).split()[0] if issue and issue.month else "the issue",
    )


def _lower(words: str) -> str:
    """As within a sentence; a Policy Lab is a name."""
    return words if words.startswith("Policy Lab") else words.lower()
