"""A whole issue of an invented network, for the demonstration, the tests and the benches.

It has every kind of block that can be sent. Its pictures are named by their files; without the
address of a folder that they are served from, it has none.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from mailer.demo import words

SUBJECT: Final = "Winter labs, 7 events and a welcome to Wyeham"
PREVIEW_TEXT: Final = (
    "What Aldmor learned about retrofit, seven dates for your diary and two new members."
)
GOES_OUT: Final = date(2026, 12, 8)  # what its dates are reckoned from
# Width and height of each picture's file.
PICTURES: Final[Mapping[str, tuple[int, int]]] = {
    "chair.png": (240, 240),
    "hall.png": (1200, 800),
    "header.png": (1200, 340),
    "icon-film.png": (48, 48),
    "icon-people.png": (48, 48),
    "icon-talk.png": (48, 48),
    "logo-on-dark.png": (440, 120),
    "logo-on-light.png": (440, 120),
    "market.png": (1200, 800),
    "member-larkby.png": (120, 120),
    "member-wyeham.png": (120, 120),
    "signature.png": (330, 96),
    "speaker.png": (240, 240),
    "street.png": (1200, 800),
    "tools.png": (1200, 800),
    "wood.png": (1200, 600),
}

# What each shows; nothing for decoration, and for what stands beside its own name.
PICTURE_WORDS: Final[Mapping[str, str]] = {
    "chair.png": "The Chair of the network",
    "hall.png": "Residents round a long table in a hall hung with bunting",
    "header.png": "",
    "icon-film.png": "",
    "icon-people.png": "",
    "icon-talk.png": "",
    "logo-on-dark.png": "Co-op Councils Network",
    "logo-on-light.png": "Co-op Councils Network",
    "market.png": "Market stalls under awnings, with people between them",
    "member-larkby.png": "",
    "member-wyeham.png": "",
    "signature.png": "",
    "speaker.png": "The speaker of the webinar",
    "street.png": "A street of terraced houses, with neighbours outside",
    "tools.png": "A workshop with shelves of tools to borrow",
    "wood.png": "A wood, with people planting trees",
}


def december_issue(
    pictures: str | Mapping[str, str] = "", goes_out: date = GOES_OUT
) -> dict[str, object]:
    """The document of the Members' Update, December 2026.

    ``pictures`` is the address of the folder its pictures are served from, with a slash at its end,
    or the address of each file.
    Its dates move by whole weeks, to those of an issue that ``goes_out`` on another day.
    """
    later = timedelta(weeks=round((goes_out - GOES_OUT).days / 7))

    def changed(name: str, value: object) -> object:
        if value in PICTURES:
            if not isinstance(pictures, str):
                return pictures.get(str(value), "")
            return f"{pictures}{value}" if pictures else ""
        return _moved(str(value), later) if name in _DATES else value

    blocks = [_mapped(block, changed) for block in _BLOCKS]
    return {"version": 1, "blocks": [each for each in blocks if each.get("image") or _stays(each)]}


def _stays(block: dict[str, Any]) -> bool:
    """A block that is only a picture goes with it."""
    return bool(block["type"] != "image")


def _mapped(values: dict[str, Any], change: Callable[[str, object], object]) -> dict[str, Any]:
    """A block with each of its values changed, also in its lists."""
    return {
        name: [_mapped(each, change) if isinstance(each, dict) else each for each in value]
        if isinstance(value, list)
        else change(name, value)
        for name, value in values.items()
    }


def _moved(written: str, later: timedelta) -> str:
    moment = datetime.fromisoformat(written) + later
    return moment.strftime("%Y-%m-%dT%H:%M" if "T" in written else "%Y-%m-%d")


_DATES: Final = frozenset({"start", "end", "deadline", "counted_on", "published", "closes"})
_BOTH: Final = ["full", "associate"]
_BLOCKS: Final[list[dict[str, Any]]] = [
    {
        "id": "masthead",
        "type": "masthead",
        "title": "Members’ Update",
        "date": "December 2026",
        "strapline": "News, events and ideas from co-operative councils",
    },
    {"id": "contents", "type": "contents"},
    {
        "id": "chair",
        "type": "chairs_message",
        "photo": "chair.png",
        "photo_alt": "Amrit Kaur",
        "greeting": "Dear {{first_name|colleague}},",
        "text": words.CHAIR,
        "signature": "signature.png",
        "name": "Cllr Amrit Kaur",
        "role": "Chair, Co-op Councils Network",
    },
    {
        "id": "retrofit",
        "type": "story",
        "layout": "lead",
        "image": "street.png",
        "image_alt": "Neighbours in front of a terrace with scaffolding and solar roofs",
        "image_credit": "Jo Ford",
        "kicker": "Aldmor Council",
        "headline": "Retrofit, street by street",
        "text": words.RETROFIT,
        "link": "https://library.coopcouncils.example/case-studies/aldmor-retrofit",
        "link_words": "Read how Aldmor did it",
    },
    {
        "id": "food",
        "type": "story",
        "layout": "left",
        "image": "market.png",
        "image_alt": "Three stalls of fruit and vegetables in a library yard",
        "kicker": "Carrdale Council",
        "headline": "A food co-operative in every ward by spring",
        "text": words.FOOD,
        "link": "https://library.coopcouncils.example/case-studies/carrdale-food",
        "link_words": "See Carrdale’s ward plan",
    },
    {
        "id": "care-quote",
        "type": "quote",
        "quote": "I used to get eleven minutes a visit. Now I get a vote on the rota, and half an "
        "hour.",
        "speaker": "Tom Reddy",
        "role": "Care worker and member-owner",
        "organisation": "Northhaven Home Care",
        "photo": "speaker.png",
        "photo_alt": "Tom Reddy",
        "permitted": True,
    },
    {
        "id": "care",
        "type": "story",
        "layout": "none",
        "kicker": "Northhaven City Council",
        "headline": "Home care that its carers own",
        "text": words.CARE,
        "link": "https://library.coopcouncils.example/case-studies/northhaven-care",
        "link_words": "Read Northhaven’s first-year report",
    },
    {
        "id": "cases",
        "type": "case_studies",
        "heading": "Two case studies to borrow",
        "cases": words.CASES,
    },
    {
        "id": "events",
        "type": "event_list",
        "heading": "Coming up: 7 events",
        "events": words.EVENTS,
        "more_words": "See every event of the winter",
        "more_link": "https://events.coopcouncils.example/",
    },
    {
        "id": "high-street",
        "type": "policy_lab",
        "headline": "Who owns the high street?",
        "lead": "Carrdale Council",
        "stage": "under_way",
        "text": words.LAB,
        "taking_part": "Aldmor, Wyeham, Upper Larkby, Millbridge, Stonebeck, Eastmere, Thornley, "
        "Ashby Vale, Hartwell, Kingsmoor",
        "link": "https://library.coopcouncils.example/labs/high-street",
        "link_words": "Read the lab’s field notes",
    },
    {
        "id": "policy-lab",
        "type": "call",
        "visible_to": _BOTH,
        "what": "Policy Lab call: warm homes, shared skills",
        "text": words.CALL,
        "who": "any Full member; Associates as partners",
        "deadline": "2026-12-18T12:00",
        "contact": "labs@coopcouncils.example",
        "link": "https://www.coopcouncils.example/policy-labs/2027-warm-homes",
        "link_words": "Read the call and apply",
    },
    {
        "id": "welcome",
        "type": "member_welcome",
        "heading": "Welcome to Wyeham and Upper Larkby",
        "members": words.MEMBERS,
    },
    {
        "id": "figures",
        "type": "figures",
        "heading": "The network today",
        "text": "Together we serve one resident in five.",
    },
    {
        "id": "planting",
        "type": "image",
        "image": "wood.png",
        "alt": "Four people planting young trees on a hill above a river",
        "caption": "Planting day in Millbridge Wood, which its residents have owned since October",
        "credit": "Priya Shah",
    },
    {
        "id": "your-story",
        "type": "text",
        "heading": "Have you a story for January?",
        "text": words.YOUR_STORY,
    },
    {
        "id": "summer-school",
        "type": "poll",
        "question": "What should the summer school be about?",
        "answers": words.SUMMER_SCHOOL,
        "closes": "2026-12-18",
        "show_results": True,
        "thanks": "We will say in January which it is, and open the bookings with it.",
    },
    {"id": "for-you", "type": "two_columns", "columns": words.COLUMNS},
    {"id": "blog", "type": "blog_list", "heading": "From the blog", "entries": words.BLOG},
    {
        "id": "vote",
        "type": "note",
        "visible_to": ["full"],
        "text": words.VOTE,
        "link": "https://www.coopcouncils.example/vote",
        "link_words": "See the motion",
    },
    {"id": "pause", "type": "divider", "kind": "line", "size": "small"},
    {
        "id": "send-story",
        "type": "button",
        "words": "Send us your story",
        "link": "https://www.coopcouncils.example/stories/send",
        "style": "quiet",
    },
    {
        "id": "social",
        "type": "social_links",
        "places": [
            {
                "words": "Network on LinkedIn",
                "link": "https://social.example/coopcouncils",
                "icon": "icon-people.png",
            },
            {
                "words": "Network on Mastodon",
                "link": "https://talk.example/@coopcouncils",
                "icon": "icon-talk.png",
            },
            {
                "words": "Network on YouTube",
                "link": "https://film.example/coopcouncils",
                "icon": "icon-film.png",
            },
        ],
    },
    {
        "id": "footer",
        "type": "footer",
        "legal_name": "Co-op Councils Network",
        "postal_address": "Town Hall, 1 Market Place, Millbridge, ML1 1AA",
        "why": "You get this because {{organisation|your organisation}} belongs to the "
        "network, or because you signed up for it.",
        "contact": "news@coopcouncils.example",
        "privacy_link": "https://www.coopcouncils.example/privacy",
    },
]
