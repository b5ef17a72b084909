"""What issues of the demo network begin with: the blocks of every month, without last month's
words."""

from collections.abc import Mapping
from typing import Any, Final

from mailer.authoring.blocks.base import LEAVE_OUT, MUST_WRITE
from mailer.demo.content import december_issue

_AS_THEY_ARE: Final = ("masthead", "contents", "figures")
# A kind of block: the fields that every month keeps.
_KEPT: Final[Mapping[str, tuple[str, ...]]] = {
    "chairs_message": (
        *("heading", "photo", "photo_alt", "greeting", "sign_off", "signature", "name", "role"),
    ),
    "story": ("layout",),
    "event_list": (),
    "member_welcome": (),
}
_HEADINGS: Final[Mapping[str, dict[str, str]]] = {
    "event_list": {"heading": "Coming up"},
    "member_welcome": {"heading": "Welcome to our new members"},
}


def skeleton(pictures: Mapping[str, str]) -> dict[str, object]:
    """The document of the template."""
    blocks: Any = december_issue(pictures)["blocks"]
    made: list[dict[str, object]] = []
    for block in blocks:
        kind = block["type"]
        if kind in _AS_THEY_ARE:
            made.append(block)
        elif kind in ("social_links", "footer"):
            made.append({**block, "locked": True})
        elif kind in _KEPT and all(each["type"] != kind for each in made):
            kept = {name: block[name] for name in _KEPT[kind] if name in block} | _HEADINGS.get(
                kind, {}
            )
            rule = MUST_WRITE if kind == "chairs_message" else LEAVE_OUT
            made.append({"id": block["id"], "type": kind, **kept, "if_unwritten": rule})
    return {"version": 1, "blocks": made}
