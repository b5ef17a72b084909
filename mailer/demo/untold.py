"""What the demo network has to tell and no issue has told: invented, like all of it."""

from typing import Final

from mailer.models import ItemState

_LIBRARY: Final = "https://library.coopcouncils.example/case-studies"
_WWW: Final = "https://www.coopcouncils.example"


def _case(
    title: str, organisation: str, year: str, *said: str, **more: str
) -> tuple[str, dict[str, str], ItemState]:
    principles, summary, words = said
    slug = title.lower().replace(" ", "-").replace(",", "").replace("’", "")
    fields = {
        "title": title,
        "organisation": f"{organisation} Council",
        "year": year,
        "principles": principles,
        "summary": summary,
        "link": f"{_LIBRARY}/{slug}",
        "link_words": words,
        "status": "finished",
    }
    return "case_study", {**fields, **more}, ItemState.READY


UNTOLD: Final[tuple[tuple[str, dict[str, str], ItemState], ...]] = (
    (
        "story",
        {
            "headline": "Our wood: 340 owners, 11 acres",
            "kicker": "Millbridge Council",
            "text": "A share cost ten pounds, and nobody could buy more than a hundred. The wood "
            "that a developer gave up on has belonged to its neighbours since October, and the "
            "first four hundred trees are in the ground.",
            "image": "wood.png",
            "image_alt": "Four people planting young trees on a hill above a river",
            "image_credit": "Priya Shah",
            "link": f"{_WWW}/stories/our-wood",
            "link_words": "Read how they bought it",
            "rights": "Priya Shah, by e-mail on 2 November: newsletter and website.",
        },
        ItemState.READY,
    ),
    (
        "story",
        {
            "headline": "The Emporium reopens, its tenants in charge",
            "kicker": "Upper Larkby Council",
            "text": "The department store shut in 2021. Forty small firms, two nurseries and a "
            "radio station now hold its lease together, and each has one vote.",
            "image": "market.png",
            "image_alt": "Market stalls under awnings, with people between them",
            "link": f"{_WWW}/stories/the-emporium",
            "link_words": "Walk through the Emporium",
            "rights": "Ours.",
        },
        ItemState.READY,
    ),
    (
        "story",
        {
            "headline": "Winter showcase: what to expect",
            "text": "Twenty tables, three minutes each, and a bell.",
            "image": "hall.png",
        },
        ItemState.DRAFT,
    ),
    (
        "story",
        {"headline": "Wyeham’s first community orchard", "kicker": "Wyeham Council"},
        ItemState.ASKED,
    ),
    _case(
        "Energy from the weir",
        "Millbridge",
        "2026",
        "Shared assets, Climate",
        "A turbine in an old mill race pays for the swimming pool, and its three hundred owners "
        "meet there twice a year.",
        "See the weir’s accounts",
        image="wood.png",
        image_alt="A river below a wooded hill",
    ),
    _case(
        "Carers who share a rota",
        "Northhaven",
        "2025",
        "Decisions shared, Skills",
        "Forty carers plan each other’s week by telephone vote. Sick days halved in a year.",
        "Copy the rota",
    ),
    _case(
        "A bakery on the ring road",
        "Aldmor",
        "2024",
        "Shared assets, Jobs",
        "Forty members, two ovens, and a lease from the council for a pound a year.",
        "Read the bakery’s lease",
        image="market.png",
        image_alt="A stall with bread under an awning",
    ),
    _case(
        "The street that insulated itself",
        "Aldmor",
        "2025",
        "Climate, Skills",
        "Sixty-two homes, one surveyor and a meeting with soup every second Tuesday.",
        "Borrow the contract",
        image="street.png",
        image_alt="Neighbours in front of a terrace with scaffolding",
    ),
    _case(
        "Young people choose the grants",
        "Eastmere",
        "2023",
        "Decisions shared",
        "Twelve sixteen-year-olds, £80,000 and no officer in the room.",
        "Read what they funded",
    ),
    _case(
        "Housing by its tenants",
        "Harrowfield",
        "2022",
        "Shared assets, Homes",
        "Nine hundred homes moved to a mutual that its tenants govern. Repairs are half a day "
        "faster.",
        "See how the vote went",
    ),
    _case(
        "Social value, counted together",
        "Carrdale",
        "2024",
        "Local spending",
        "Five councils share one page of questions for suppliers instead of ninety.",
        "Take the one page",
    ),
    _case(
        "The hall with a hundred keys",
        "Stonewick",
        "2021",
        "Shared assets",
        "A village hall without a caretaker: a hundred people hold a key and a duty each.",
        "Ask for the key rules",
        image="hall.png",
        image_alt="Residents round a long table in a hall hung with bunting",
    ),
    _case(
        "Credit union at the counter",
        "Ravensby",
        "2023",
        "Money, Skills",
        "The town hall’s cash office is a credit union on three days a week.",
        "Open a counter",
    ),
    _case(
        "A farm for the schools",
        "Oakdale",
        "2025",
        "Food, Skills",
        "Eleven primary schools own a smallholding, and eat what it grows.",
        "Plan a school farm",
        status="under_way",
    ),
    (
        "event",
        {
            "title": "Care co-operatives: the first year",
            "start": "2027-01-20T10:00",
            "end": "2027-01-20T11:30",
            "place": "Online",
            "organiser": "the Officer Network",
            "region": "The whole network",
            "audience": "Lead officers and cabinet members for care",
            "link": "https://events.coopcouncils.example/care-january",
            "link_words": "Book: care co-operatives",
        },
        ItemState.READY,
    ),
    (
        "event",
        {
            "title": "Eastern regional meeting",
            "start": "2027-02-04T09:30",
            "end": "2027-02-04T15:00",
            "place": "Corn Hall, Eastmere",
            "region": "East",
            "link": "https://events.coopcouncils.example/east-2027",
            "link_words": "Book: Eastern meeting",
        },
        ItemState.READY,
    ),
    (
        "event",
        {
            "title": "Summer school",
            "start": "2027-07-01",
            "end": "2027-07-03",
            "place": "Northhaven",
            "audience": "Councillors and officers of every member",
        },
        ItemState.DRAFT,
    ),
    (
        "lab",
        {
            "kind": "prototype",
            "headline": "A rota that carers write",
            "round": "Round 6",
            "lead": "Northhaven City Council",
            "taking_part": "Aldmor, Eastmere",
            "stage": "reporting",
            "funding": "£1,500",
            "text": "Two teams have written their own rota for twelve weeks. The report is due in "
            "January, and the spreadsheet can be had already.",
            "link": "https://library.coopcouncils.example/labs/carers-rota",
            "link_words": "Take the spreadsheet",
        },
        ItemState.READY,
    ),
    (
        "post",
        {
            "title": "What a mutual is, in ninety seconds",
            "author": "Nia Morgan",
            "published": "2026-12-01",
            "summary": "A script to read aloud to a scrutiny committee.",
            "link": "https://blog.coopcouncils.example/ninety-seconds",
        },
        ItemState.READY,
    ),
)
