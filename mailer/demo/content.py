"""A whole issue of an invented network, for the demonstration, the tests and the benches."""

SUBJECT = "Winter labs, 7 events and a welcome to Wyeham"
PREVIEW_TEXT = "What Aldmor learned about retrofit, seven dates for your diary and two new members."


def december_issue() -> dict[str, object]:
    """The document of the Members' Update, December 2026."""
    return {
        "version": 1,
        "blocks": [
            {
                "id": "masthead",
                "type": "masthead",
                "title": "Members’ Update",
                "date": "December 2026",
                "strapline": "News, events and ideas from co-operative councils",
            },
            {
                "id": "chair",
                "type": "text",
                "heading": "From the Chair",
                "text": _CHAIR,
            },
            {
                "id": "retrofit",
                "type": "story",
                "kicker": "Aldmor Council",
                "headline": "Retrofit, street by street",
                "layout": "none",
                "text": _RETROFIT,
                "link": "https://library.coopcouncils.example/case-studies/aldmor-retrofit",
                "link_words": "Read how Aldmor did it",
            },
            {
                "id": "food",
                "type": "story",
                "kicker": "Carrdale Council",
                "headline": "A food co-operative in every ward by spring",
                "layout": "none",
                "text": _FOOD,
                "link": "https://library.coopcouncils.example/case-studies/carrdale-food",
                "link_words": "See Carrdale’s ward plan",
            },
            {
                "id": "care",
                "type": "story",
                "kicker": "Northhaven City Council",
                "headline": "Home care that its carers own",
                "layout": "none",
                "text": _CARE,
                "link": "https://library.coopcouncils.example/case-studies/northhaven-care",
                "link_words": "Read Northhaven’s first-year report",
            },
            {
                "id": "events",
                "type": "event_list",
                "heading": "Coming up: 7 events",
                "events": _EVENTS,
            },
            {
                "id": "policy-lab",
                "type": "text",
                "visible_to": ["full", "associate"],
                "heading": "Policy Lab call: warm homes, shared skills",
                "text": _POLICY_LAB,
            },
            {
                "id": "apply",
                "type": "button",
                "visible_to": ["full", "associate"],
                "words": "Read the call and apply",
                "link": "https://www.coopcouncils.example/policy-labs/2027-warm-homes",
            },
            {
                "id": "welcome",
                "type": "text",
                "heading": "Welcome to Wyeham and Upper Larkby",
                "text": _WELCOME,
            },
            {"id": "pause", "type": "divider", "kind": "line", "size": "small"},
            {
                "id": "library",
                "type": "text",
                "heading": "Have you a story for January?",
                "text": _YOUR_STORY,
            },
            {
                "id": "send-story",
                "type": "button",
                "words": "Send us your story",
                "link": "https://www.coopcouncils.example/stories/send",
                "style": "quiet",
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
        ],
    }


_CHAIR = """Dear {{first_name|colleague}},

This was the year in which co-operation stopped being the exception. Twelve councils opened \
something this autumn that residents own together: a bakery, two energy societies, a home care \
agency, a wood. None of them asked permission first. They asked their neighbours.

That is what this network is for. When **Wyeham** wanted to know how a council of its size can \
afford a community wealth building officer, four of you answered within a day. So before the \
holidays, two small requests:

- look at the [draft plan for 2027](https://www.coopcouncils.example/plan-2027) and tell us what \
is missing by Friday 18 December;
- bring one colleague who has never been to a regional meeting.

Thank you for all of it. Rest well.

**Cllr Amrit Kaur**
Chair, Co-op Councils Network"""

_RETROFIT = """Residents of Millbridge chose their own surveyor, their own builders and the order \
of the houses. Sixty-two homes on three streets are now warm, at a cost a fifth lower than the \
council’s first tender.

The secret was not a grant. It was a street meeting every second Tuesday, with soup. Aldmor has \
published [the contract, the timetable and the recipe]\
(https://www.aldmor.example/retrofit/toolkit)."""

_FOOD = """Eleven of Carrdale’s fourteen wards have a buying group that meets in a library. \
Together they move four tonnes of vegetables a week, most of it grown within twenty miles.

The council lends rooms, cold stores and one officer for a day a week. Everything else is done by \
the 900 members, who voted in October to open on Saturdays."""

_CARE = """A year ago forty carers left three agencies and started one of their own. Northhaven \
gave them a contract for two districts, a loan for the first payroll and a seat at the table.

Turnover of staff has fallen from 41% to 6%, and every visit is now at least thirty minutes. \
Their [first-year accounts](https://www.northhaven.example/care-society/accounts) are open to \
anyone."""

_POLICY_LAB = """For **{{category|Full and Associate}}** members: we are looking for one lead \
council and up to five partners to find out how retrofit skills can be shared across borough \
boundaries.

### What is on offer

1. Up to £15,000 over nine months.
2. A researcher for one day a week.
3. Travel to two meetings with the other partners.

### Who can apply

Any Full member may lead; Associate members are very welcome as partners. Applications close on \
**Friday 15 January 2027 at 12:00**. Questions: [labs@coopcouncils.example]\
(mailto:labs@coopcouncils.example) or [020 7946 0123](tel:+442079460123)."""

_WELCOME = """Two councils joined us in November.

**Wyeham Council** is an Associate member. It covers a market town and nineteen villages, runs its \
own leisure trust and wants to learn about community-led housing. Say hello to \
[Jo Ford](mailto:jo.ford@wyeham.example), who leads on policy.

**Upper Larkby Council** is a Full member. Its cabinet signed the co-operative pledge on the \
steps of a former department store, now [a workspace owned by its tenants]\
(https://www.upperlarkby.example/the-emporium)."""

_YOUR_STORY = """Three sentences are enough, and a picture if you have one: what you did, with \
whom, and what you would do differently, {{first_name|friend}}. We will write the rest with you. \
The deadline is Friday 1 January, though nobody will be in before the 4th."""

_EVENTS = [
    {
        "title": "Community wealth building webinar",
        "start": "2026-12-09T10:00",
        "end": "2026-12-09T11:30",
        "place": "Online",
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
