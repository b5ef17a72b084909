"""DMARC's walk up the tree (RFC 9989): which policy applies, and who belongs to whom."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.domains.dmarc import Wish, aligned, is_policy, read, walk
from tests.fakes.resolver import AWAY, FakeResolver

PLAIN = "v=DMARC1; p=none"


def dmarc(**records: str) -> dict[str, Any]:
    """A zone of DMARC records; ``a__example`` stands for a.example."""
    return {f"_dmarc.{name.replace('__', '.')}": {"TXT": [text]} for name, text in records.items()}


@pytest.mark.parametrize(
    ("text", "whether"),
    [
        ("v=DMARC1", True),
        ("v=DMARC1; p=none", True),
        ("v = DMARC1 ;p=none", True),
        ("V=DMARC1;", True),
        ("v=dmarc1; p=none", False),
        ("v=DMARC12; p=none", False),
        ("p=none; v=DMARC1", False),
        (" v=DMARC1; p=none", False),
    ],
)
def test_a_policy_is_recognised_by_its_first_tag(text: str, whether: bool) -> None:
    assert is_policy(text) is whether


def test_a_name_of_many_labels_takes_eight_questions() -> None:
    resolver = FakeResolver()

    walk(resolver, "a.b.c.d.e.f.g.h.i.j.lists.network.example")

    assert [name for _, name in resolver.asked] == [
        "_dmarc.a.b.c.d.e.f.g.h.i.j.lists.network.example",
        "_dmarc.g.h.i.j.lists.network.example",
        "_dmarc.h.i.j.lists.network.example",
        "_dmarc.i.j.lists.network.example",
        "_dmarc.j.lists.network.example",
        "_dmarc.lists.network.example",
        "_dmarc.network.example",
        "_dmarc.example",
    ]


@pytest.mark.parametrize(("labels", "questions"), [(1, 1), (2, 2), (7, 7), (8, 8), (9, 8), (50, 8)])
def test_no_name_takes_more_than_eight(labels: int, questions: int) -> None:
    resolver = FakeResolver()

    walk(resolver, ".".join(f"l{place}" for place in range(labels)))

    assert len(resolver.asked) == questions


@pytest.mark.parametrize(
    ("zone", "start", "organisation"),
    [
        # Without any record a name is its own organisation.
        (dmarc(), "news.network.example", "news.network.example"),
        (dmarc(network__example=PLAIN), "news.network.example", "network.example"),
        # The fewest labels win, over a record of the name's own too.
        (
            dmarc(news__network__example=PLAIN, network__example=PLAIN),
            "a.news.network.example",
            "network.example",
        ),
        # psd=n draws the line, and nothing above it is looked at.
        (
            dmarc(news__network__example=f"{PLAIN}; psd=n", network__example=PLAIN),
            "a.news.network.example",
            "news.network.example",
        ),
        # psd=y is a suffix: the organisation is one label below it, record or not.
        (dmarc(example=f"{PLAIN}; psd=y"), "a.news.network.example", "network.example"),
        (
            dmarc(example=f"{PLAIN}; psd=y", news__network__example=PLAIN),
            "news.network.example",
            "network.example",
        ),
        # Where the walk starts, psd=y says nothing of that kind.
        (dmarc(coop__example=f"{PLAIN}; psd=y"), "coop.example", "coop.example"),
        # An unknown value is as if it were not said.
        (dmarc(network__example=f"{PLAIN}; psd=x"), "a.network.example", "network.example"),
    ],
)
def test_the_organisational_domain(zone: Any, start: str, organisation: str) -> None:
    assert walk(FakeResolver(zone), start).organisation == organisation


def test_a_suffix_is_found_above_a_long_name() -> None:
    zone = dmarc(coop__example=f"{PLAIN}; psd=y")

    found = walk(FakeResolver(zone), "a.b.c.d.e.f.g.h.network.coop.example")

    assert found.organisation == "network.coop.example"


def test_several_records_count_as_none_and_the_walk_goes_on() -> None:
    zone = dmarc(network__example="v=DMARC1; p=reject")
    zone["_dmarc.news.network.example"] = {"TXT": [PLAIN, "v=DMARC1; p=reject", "v=spf1 -all"]}

    found = walk(FakeResolver(zone), "news.network.example")

    assert found.crowded == ("news.network.example",)
    assert found.organisation == "network.example"
    assert found.applied
    assert found.applied[0] == "network.example"


def test_other_records_beside_a_policy_do_no_harm() -> None:
    zone = {"_dmarc.a.example": {"TXT": ["v=spf1 -all", PLAIN, ""]}}

    applied = walk(FakeResolver(zone), "a.example").applied

    assert applied
    assert applied[1].wish is Wish.NONE


@pytest.mark.parametrize(
    ("zone", "applied"),
    [
        (dmarc(), None),
        (dmarc(news__network__example=PLAIN, network__example=PLAIN), "news.network.example"),
        (dmarc(network__example=PLAIN), "network.example"),
        (dmarc(example=f"{PLAIN}; psd=y"), "example"),
        # A name between the sender and its organisation has no say.
        (dmarc(b__news__network__example=PLAIN, network__example=PLAIN), "network.example"),
        (dmarc(network__example=PLAIN, example=f"{PLAIN}; psd=y"), "network.example"),
    ],
)
def test_the_policy_that_applies(zone: Any, applied: str | None) -> None:
    found = walk(FakeResolver(zone), "news.network.example").applied

    assert (found and found[0]) == applied


def test_a_question_left_open_leaves_the_organisation_open_but_not_an_own_policy() -> None:
    zone = dmarc(news__network__example="v=DMARC1; p=reject")
    zone["_dmarc.network.example"] = AWAY

    own = walk(FakeResolver(zone), "news.network.example")
    below = walk(FakeResolver(zone), "a.news.network.example")

    assert (own.organisation, below.organisation, below.applied) == (None, None, None)
    assert own.applied
    assert own.applied[0] == "news.network.example"


@pytest.mark.parametrize(
    ("zone", "other", "strict", "together"),
    [
        (dmarc(network__example=PLAIN), "news.network.example", False, True),
        (dmarc(network__example=PLAIN), "news.network.example", True, True),
        (dmarc(network__example=PLAIN), "bounces.network.example", False, True),
        (dmarc(network__example=PLAIN), "bounces.network.example", True, False),
        (dmarc(network__example=PLAIN), "network.example", False, True),
        (dmarc(network__example=PLAIN), "elsewhere.example", False, False),
        # Without a record nothing ties two names together.
        (dmarc(), "bounces.network.example", False, False),
        # Two organisations under one suffix are strangers.
        (dmarc(example=f"{PLAIN}; psd=y"), "other.example", False, False),
        (dmarc(example=f"{PLAIN}; psd=y"), "bounces.network.example", False, True),
        # A department that draws its own line is apart.
        (
            dmarc(network__example=PLAIN, news__network__example=f"{PLAIN}; psd=n"),
            "bounces.network.example",
            False,
            False,
        ),
        ({"_dmarc.network.example": AWAY}, "bounces.network.example", False, None),
    ],
)
def test_two_names_belong_together_by_their_organisation(
    zone: Any, other: str, strict: bool, together: bool | None
) -> None:
    resolver = FakeResolver(zone)

    assert aligned(resolver, walk(resolver, "news.network.example"), other, strict=strict) is (
        together
    )


def test_every_tag_is_read() -> None:
    policy = read(
        "v=DMARC1; P = Quarantine; sp=none;np=reject; t=Y; adkim=s; aspf=S; psd=n;"
        " rua=mailto:a@a.example; pct=50; zz=1"
    )

    assert (policy.wish, policy.for_subdomains, policy.for_absent) == (
        Wish.QUARANTINE,
        Wish.NONE,
        Wish.REJECT,
    )
    assert (policy.testing, policy.strict_dkim, policy.strict_spf) == (True, True, True)
    assert (policy.public_suffix, policy.reports, policy.removed) == ("n", True, ("pct",))
    assert policy.faults == ()


def test_tags_that_are_ignored_are_named() -> None:
    policy = read("v=DMARC1; p=block; sp=maybe; adkim=x; psd=z; t=1")

    assert policy.wish is None
    assert policy.faults == ("p", "sp", "adkim", "psd", "t")


@given(st.text(max_size=200), st.text(max_size=60))
def test_any_text_is_read_without_an_error(text: str, start: str) -> None:
    zone: Any = {f"_dmarc.{start}": {"TXT": [f"v=DMARC1;{text}"]}}

    found = walk(FakeResolver(zone), start)

    assert found.organisation is not None
