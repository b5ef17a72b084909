"""The words of the demo issue."""

from typing import Any, Final

CHAIR: Final = """This was the year in which co-operation stopped being the exception.

Twelve councils opened something that residents own together: a bakery, two energy societies, a \
home care agency, a wood. None of them asked permission first. They asked their neighbours.

That is what this network is for. When **Wyeham** wanted to know how a council of its size can \
afford a community wealth building officer, four of you answered within a day. So before the \
holidays, two small requests:

- look at the [draft plan for 2027](https://www.coopcouncils.example/plan-2027) and tell us what \
is missing by Friday 18 December;
- bring one colleague who has never been to a regional meeting.

Thank you for all of it. Rest well."""

RETROFIT: Final = """Residents of Millbridge chose their own surveyor, their own builders and the \
order of the houses. Sixty-two homes on three streets are now warm, at a cost a fifth lower than \
the council’s first tender.

The secret was not a grant. It was a street meeting every second Tuesday, with soup. Aldmor has \
published [the contract, the timetable and the recipe]\
(https://www.aldmor.example/retrofit/toolkit)."""

FOOD: Final = """Eleven of Carrdale’s fourteen wards have a buying group that meets in a library. \
Together they move four tonnes of vegetables a week, most of it grown within twenty miles."""

CARE: Final = """A year ago forty carers left three agencies and started one of their own. \
Northhaven gave them a contract for two districts, a loan for the first payroll and a seat at the \
table. Turnover of staff has fallen from 41% to 6%. Their [first-year accounts]\
(https://www.northhaven.example/care-society/accounts) are open to anyone."""

LAB: Final = """Nine empty shops now have a resident-owned lease on trial, and the first two pay \
their way. The group meets the land registry in January to make the model lease free for anybody \
to use."""

CALL: Final = """For **{{category|Full and Associate}}** members: one lead council and up to five \
partners to find out how retrofit skills can be shared across borough boundaries. Up to £15,000 \
over nine months, and a researcher for one day a week. Questions by telephone: [020 7946 0123]\
(tel:+442079460123)."""

YOUR_STORY: Final = """Three sentences are enough, and a picture if you have one: **what you \
did**, **with whom**, and *what you would do differently*, {{first_name|friend}}. We will write \
the rest with you.

### Dates to remember

1. Send it by Monday 4 January.
2. You see our draft by the 8th.
3. It goes out on Tuesday 12 January."""

VOTE: Final = """Your vote on the 2027 subscription opens on Monday 14 December. \
{{organisation|Your council}} has one vote."""

CASES: Final[list[dict[str, Any]]] = [
    {
        "title": "A library of tools",
        "organisation": "Upper Larkby Council",
        "year": "2026",
        "image": "tools.png",
        "image_alt": "A workshop with shelves of tools to borrow",
        "summary": "Four hundred drills, ladders and sewing machines, lent from a former bank by "
        "the people who use them.",
        "principles": "Shared assets, Skills",
        "link": "https://library.coopcouncils.example/case-studies/library-of-tools",
        "link_words": "Borrow the tool library",
    },
    {
        "title": "The budget round the table",
        "organisation": "Wyeham Council",
        "year": "2025",
        "image": "hall.png",
        "image_alt": "Residents round a long table in a hall hung with bunting",
        "summary": "Nine evenings, one hall and £1.4 million: how residents of Wyeham settled a "
        "fifth of the capital budget.",
        "principles": "Decisions shared",
        "link": "https://library.coopcouncils.example/case-studies/budget-round-the-table",
        "link_words": "Copy Wyeham’s nine evenings",
    },
]

MEMBERS: Final[list[dict[str, Any]]] = [
    {
        "organisation": "Wyeham Council",
        "category": "Associate member",
        "since": "November 2026",
        "text": "A market town and nineteen villages with a leisure trust of their own. Say hello "
        "to [Jo Ford](mailto:jo.ford@wyeham.example), who leads on policy.",
        "logo": "member-wyeham.png",
    },
    {
        "organisation": "Upper Larkby Council",
        "category": "Full member",
        "since": "November 2026",
        "text": "Its cabinet signed the pledge on the steps of a former department store, now "
        "[a workspace its tenants own](https://www.upperlarkby.example/the-emporium).",
        "logo": "member-larkby.png",
    },
]

SUMMER_SCHOOL: Final[list[dict[str, Any]]] = [
    {"words": "Homes that people own together"},
    {"words": "Care run by its carers"},
    {"words": "Energy, street by street"},
]

COLUMNS: Final[list[dict[str, Any]]] = [
    {
        "heading": "For officers",
        "text": "The drop-in is back: bring one knotty question on a Tuesday lunchtime, leave with "
        "three answers.",
        "link": "https://www.coopcouncils.example/officers",
        "link_words": "Join the Officer Network",
    },
    {
        "heading": "For councillors",
        "text": "A mentor from another council for your first year as cabinet member. Eight "
        "places, from February.",
        "link": "https://www.coopcouncils.example/mentors",
        "link_words": "Ask for a mentor",
    },
]

BLOG: Final[list[dict[str, Any]]] = [
    {
        "title": "Minutes anyone can read",
        "link": "https://blog.coopcouncils.example/minutes-anyone-can-read",
        "author": "Rhys Pugh",
        "published": "2026-11-24",
        "summary": "How a parish council cut its minutes to one page and doubled its visitors.",
    },
    {
        "title": "A bakery on the ring road",
        "link": "https://blog.coopcouncils.example/a-bakery-on-the-ring-road",
        "author": "Priya Shah",
        "published": "2026-11-17",
        "summary": "Forty members, two ovens and a queue at six in the morning.",
    },
]

EVENTS: Final[list[dict[str, Any]]] = [
    {
        "title": "Community wealth building webinar",
        "start": "2026-12-09T10:00",
        "end": "2026-12-09T11:30",
        "place": "Online",
        "organiser": "the Officer Network",
        "link": "https://events.coopcouncils.example/cwb-december",
        "link_words": "Book: CWB webinar",
    },
    {
        "title": "Northern regional meeting",
        "start": "2026-12-11T09:30",
        "end": "2026-12-11T15:00",
        "place": "Guildhall, Carrdale",
        "link": "https://events.coopcouncils.example/north-2026",
        "link_words": "Book: Northern meeting",
    },
    {
        "title": "Officer Network drop-in",
        "start": "2026-12-15T13:00",
        "end": "2026-12-15T13:45",
        "place": "Online",
        "link": "https://events.coopcouncils.example/drop-in",
        "link_words": "Join: officer drop-in",
    },
    {
        "title": "Housing co-operatives: a first hundred homes",
        "start": "2026-12-17T18:00",
        "end": "2026-12-17T20:00",
        "place": "The Emporium, Upper Larkby",
        "link": "https://events.coopcouncils.example/first-hundred",
        "link_words": "Book: first hundred homes",
    },
    {
        "title": "Executive committee",
        "start": "2027-01-06T10:00",
        "end": "2027-01-06T12:30",
        "place": "Town Hall, Millbridge",
    },
    {
        "title": "Policy Lab clinic for applicants",
        "start": "2027-01-08T14:00",
        "end": "2027-01-08T15:00",
        "place": "Online",
        "link": "https://events.coopcouncils.example/lab-clinic",
        "link_words": "Book: applicants’ clinic",
    },
    {
        "title": "Winter conference and showcase",
        "start": "2027-01-12",
        "end": "2027-01-13",
        "place": "Assembly Rooms, Northhaven",
        "link": "https://events.coopcouncils.example/winter-2027",
        "link_words": "Book: winter conference",
    },
]
