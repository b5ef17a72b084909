"""The library as a list: by kind, by standing, by organisation, and by words."""

from dataclasses import dataclass, replace
from typing import Final

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from mailer.authoring.library import listing
from mailer.authoring.library.items import kept_of, removed_at
from mailer.authoring.library.kinds.catalogue import KINDS, unfinished
from mailer.authoring.library.listing import ItemStanding, ListedItem, WantedItems
from mailer.campaigns.drafts import taking
from mailer.models import LibraryItem, Power
from mailer.web import forms
from mailer.web.admin.library.words import (
    STANDINGS,
    be_of_kind,
    kinds,
    short_name,
    tag_of,
    used_in,
)
from mailer.web.network import local_now
from mailer.web.policy import may, policy, who_else
from mailer.web.transactions import session

blueprint = Blueprint("library", __name__)
_PAGE: Final = 48
_BIN: Final = "bin"


@dataclass(frozen=True, slots=True)
class _Asked:
    type: str = forms.choice("", *KINDS)
    state: str = forms.choice("", *ItemStanding, _BIN)
    text: str = forms.text(longest=200, cut=True)
    organisation: int | None = None
    view: str = forms.choice("table", "cards")

    def wanted(self) -> WantedItems:
        """The same, as the list is asked."""
        return WantedItems(
            kind=self.type,
            standing=ItemStanding(self.state) if self.state not in ("", _BIN) else None,
            text=self.text,
            organisation_id=self.organisation,
            binned=self.state == _BIN,
        )


@blueprint.get("/library")
@policy(Power.VIEWER)
def show_all() -> ResponseReturnValue:
    """Everything of a kind, or of all kinds."""
    asked, page = forms.asked(_Asked), forms.page()
    be_of_kind(asked.type)
    wanted = asked.wanted()
    found, total = listing.search(
        session(), wanted, today=local_now().date(), page=page, per_page=_PAGE
    )
    counts = listing.count_standings(session(), replace(wanted, binned=False))
    binned = listing.count_standings(session(), replace(wanted, binned=True))
    issues = taking.issues_to_add_to(session()) if may(Power.CONTRIBUTOR) else []

    def url(**other: object) -> str:
        kept = {
            "type": asked.type,
            "state": asked.state,
            "text": asked.text,
            "organisation": asked.organisation,
            "view": asked.view if asked.view != "table" else "",
        }
        return url_for("library.show_all", **{k: v or None for k, v in (kept | other).items()})  # type: ignore[arg-type]  # url_for takes anything it can turn into text

    return render_template(
        "admin/library/list.html",
        kind=KINDS.get(asked.type),
        kinds=kinds(),
        drawings={name: each.drawing for name, each in KINDS.items()},
        titles=dict(kinds()),
        rows=found,
        total=total,
        page=page,
        per_page=_PAGE,
        asked=asked,
        narrowed=bool(asked.text or asked.state or asked.organisation),
        counts=[(each.value, STANDINGS[each], counts.get(each, 0)) for each in ItemStanding],
        all=sum(counts.values()),
        binned=sum(binned.values()),
        lead=_lead(counts),
        url=url,
        page_url=lambda number: url(page=number),
        organisations=[
            (each.id, each.name) for each in listing.organisations_with_items(session())
        ],
        next_issue=issues[0] if issues else None,
        short_name=short_name,
        tag_of=tag_of,
        used_in=used_in,
        wrong=_wrong,
        picture=_picture,
        removed_at=removed_at,
        who_can=who_else(Power.CONTRIBUTOR),
    )


def _lead(counts: dict[ItemStanding, int] | object) -> str:
    """One true sentence about what there is to do."""
    assert isinstance(counts, dict)
    ready, draft = counts.get(ItemStanding.READY, 0), counts.get(ItemStanding.DRAFT, 0)
    asked = counts.get(ItemStanding.ASKED, 0)
    said = [
        f"{ready} {'is' if ready == 1 else 'are'} ready to add." if ready else "",
        f"{draft} {'is' if draft == 1 else 'are'} not finished." if draft else "",
        f"{asked} {'was' if asked == 1 else 'were'} asked for." if asked else "",
    ]
    return " ".join(filter(None, said)) or "Nothing is waiting to be told."


def _wrong(listed: ListedItem) -> str:
    """What is wrong with an item, in a sentence; "" for nothing."""
    if listed.standing is ItemStanding.ASKED:
        return ""
    kept = kept_of(listed.item)
    if problems := unfinished(kept):
        return problems[0][1]
    if listed.standing is ItemStanding.USED:
        return ""
    return next((said for _, said in kept.problems_at(local_now())), "")


def _picture(item: LibraryItem) -> str:
    """The address of its picture as a page may show it; "" for none."""
    address = str(item.fields.get("image") or "")
    return address if address.startswith(("/pictures/", "https://")) else ""
