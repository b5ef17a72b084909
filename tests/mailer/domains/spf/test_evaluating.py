"""SPF as receivers evaluate it (RFC 7208): results, limits, loops."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.domains.spf.evaluating import SpfResult, check_host, survey
from tests.fakes.resolver import AWAY, FakeResolver
from tests.mailer.domains.zones import address

D = "a.example"


def spf(terms: str) -> dict[str, list[str]]:
    return {"TXT": [f"v=spf1 {terms}".rstrip()]}


def evaluated(zone: Any, ip: str = "192.0.2.1") -> tuple[SpfResult, int, int]:
    found = check_host(FakeResolver(zone), D, address(ip))
    return found.result, found.lookups, found.voids


@pytest.mark.parametrize(
    ("terms", "result"),
    [
        ("ip4:192.0.2.0/24 -all", SpfResult.PASS),
        ("ip4:192.0.2.2 -all", SpfResult.FAIL),
        ("ip4:192.0.2.2 ~all", SpfResult.SOFTFAIL),
        ("ip4:192.0.2.2 ?all", SpfResult.NEUTRAL),
        ("ip4:192.0.2.2", SpfResult.NEUTRAL),
        ("-ip4:192.0.2.1 +all", SpfResult.FAIL),
        ("ip6:2001:db8::/32 -all", SpfResult.FAIL),
        ("a -all", SpfResult.PASS),
        ("a:b.example -all", SpfResult.FAIL),
        ("a:b.example/24 -all", SpfResult.PASS),
        ("mx -all", SpfResult.FAIL),
        ("mx/24 -all", SpfResult.PASS),
        ("include:yes.example -all", SpfResult.PASS),
        ("include:no.example ip4:192.0.2.1 -all", SpfResult.PASS),
        ("include:no.example ~all", SpfResult.SOFTFAIL),
        ("include:nothing.example -all", SpfResult.PERMERROR),
        ("redirect=yes.example", SpfResult.PASS),
        ("redirect=no.example", SpfResult.FAIL),
        ("redirect=nothing.example", SpfResult.PERMERROR),
        ("exists:%{i}.list.example -all", SpfResult.PASS),
        ("exists:%{ir}.list.example -all", SpfResult.FAIL),
        ("ptr -all", SpfResult.PASS),
        ("ptr:b.example -all", SpfResult.FAIL),
        ("all", SpfResult.PASS),
        ("foo -all", SpfResult.PERMERROR),
        ("include:away.example -all", SpfResult.TEMPERROR),
        ("ptr:away.example ip4:192.0.2.1", SpfResult.PASS),
    ],
)
def test_results_for_one_address(terms: str, result: SpfResult) -> None:
    zone = {
        D: {**spf(terms), "A": ["192.0.2.1"], "MX": ["10 mx.a.example"]},
        "mx.a.example": {"A": ["192.0.2.77"]},
        "b.example": {"A": ["192.0.2.9"]},
        "yes.example": spf("ip4:192.0.2.1 -all"),
        "no.example": spf("-all"),
        "nothing.example": {"A": ["192.0.2.1"]},
        "192.0.2.1.list.example": {"A": ["127.0.0.2"]},
        "192.0.2.1": {"PTR": ["host.a.example", "liar.b.example"]},
        "host.a.example": {"A": ["192.0.2.1"]},
        "liar.b.example": {"A": ["192.0.2.200"]},
        "away.example": AWAY,
    }

    assert evaluated(zone)[0] is result


def test_an_address_of_version_six_is_looked_for_among_its_own() -> None:
    zone = {D: {**spf("a//64 ip6:2001:db8:1::/48 -all"), "A": ["2001:db8:2::1", "192.0.2.1"]}}

    assert evaluated(zone, "2001:db8:1::9")[0] is SpfResult.PASS
    assert evaluated(zone, "2001:db8:2::9")[0] is SpfResult.PASS
    assert evaluated(zone, "2001:db8:3::9")[0] is SpfResult.FAIL


def test_no_record_and_two_records() -> None:
    assert evaluated({D: {"A": ["192.0.2.1"]}})[0] is SpfResult.NONE
    assert evaluated({})[0] is SpfResult.NONE
    assert evaluated({D: {"TXT": ["v=spf1 -all", "v=spf1 +all"]}})[0] is SpfResult.PERMERROR


def chain(length: int) -> dict[str, dict[str, list[str]]]:
    """A record that includes another, and so on, ``length`` times."""
    zone = {f"x{place}.example": spf(f"include:x{place + 1}.example") for place in range(length)}
    return {
        D: spf("include:x1.example -all"),
        **zone,
        f"x{length}.example": spf("ip4:192.0.2.1 -all"),
    }


def test_ten_questions_are_allowed_and_eleven_are_not() -> None:
    assert evaluated(chain(10)) == (SpfResult.PASS, 10, 0)
    assert evaluated(chain(11)) == (SpfResult.PERMERROR, 11, 0)
    assert survey(FakeResolver(chain(11)), D).result is SpfResult.PERMERROR


def test_questions_are_counted_through_includes_and_redirects() -> None:
    zone = {
        D: {**spf("a mx include:b.example redirect=c.example"), "A": ["192.0.2.9"]},
        "b.example": spf("ip4:192.0.2.200 a:d.example -all"),
        "c.example": spf("exists:d.example ?all"),
        "d.example": {"A": ["192.0.2.10"]},
    }
    zone[D]["MX"] = ["10 d.example"]

    assert survey(FakeResolver(zone), D).lookups == 6


def test_a_match_ends_the_evaluation_and_not_the_survey() -> None:
    zone = {D: {**spf("a mx exists:b.example -all"), "A": ["192.0.2.1"]}}

    assert evaluated(zone)[1] == 1
    assert survey(FakeResolver(zone), D).lookups == 3


def test_two_names_may_be_missing_and_three_may_not() -> None:
    two = {D: spf("a:x1.b.example a:x2.b.example ip4:192.0.2.1 -all")}
    three = {D: spf("a:x1.b.example a:x2.b.example mx:x3.b.example ip4:192.0.2.1 -all")}

    assert evaluated(two) == (SpfResult.PASS, 2, 2)
    assert evaluated(three)[0] is SpfResult.PERMERROR


@pytest.mark.parametrize(
    "zone",
    [
        {D: spf("include:a.example")},
        {D: spf("include:b.example"), "b.example": spf("include:A.example -all")},
        {D: spf("redirect=b.example"), "b.example": spf("redirect=a.example")},
        {D: spf("include:b.example"), "b.example": spf("redirect=b.example")},
    ],
)
def test_a_record_that_leads_back_to_itself_ends(zone: Any) -> None:
    resolver = FakeResolver(zone)

    found = survey(resolver, D)

    assert found.result is SpfResult.PERMERROR
    assert "leads back to itself" in found.why
    assert len(resolver.asked) < 15


def test_an_mx_with_more_than_ten_hosts_is_an_error() -> None:
    zone = {D: {**spf("mx -all"), "MX": [f"10 mx{place}.a.example" for place in range(11)]}}

    assert evaluated(zone)[0] is SpfResult.PERMERROR


@pytest.mark.parametrize(
    ("zone", "grants", "open_to_all", "catch_all"),
    [
        ({D: spf("-all")}, False, False, "-"),
        ({D: spf("ip4:192.0.2.1 -all")}, True, False, "-"),
        ({D: spf("?ip4:192.0.2.1 ~all")}, False, False, "~"),
        ({D: spf("mx +all")}, True, True, "+"),
        ({D: spf("include:b.example ~all"), "b.example": spf("+all")}, True, True, "~"),
        ({D: spf("include:b.example ?all"), "b.example": spf("-all")}, False, False, "?"),
        ({D: spf("?include:b.example -all"), "b.example": spf("mx")}, False, False, "-"),
        (
            {
                D: spf("include:b.example redirect=c.example"),
                "b.example": spf("mx ?all"),
                "c.example": spf("a -all"),
            },
            True,
            False,
            "-",
        ),
    ],
)
def test_the_survey_says_whom_a_record_lets_send(
    zone: Any, grants: bool, open_to_all: bool, catch_all: str
) -> None:
    found = survey(FakeResolver(zone), D)

    assert (found.grants, found.open_to_all, found.catch_all) == (grants, open_to_all, catch_all)


_TERM = st.sampled_from(
    "a mx ptr all -all ~all include:a.example include:b.example a:c.example/8//8 mx:b.example "
    "exists:%{i}.c.example redirect=b.example redirect=a.example ip4:192.0.2.0/8 ip6:::/0 "
    "include:%{d} exists:%{p}.%{h}.example foo=bar junk %{ a:%{l}.example".split()
)


@given(
    st.lists(_TERM, max_size=12), st.lists(_TERM, max_size=12), st.sampled_from(["A", "MX", "X"])
)
def test_an_evaluation_of_any_two_records_ends_without_an_error(
    one: list[str], other: list[str], kind: str
) -> None:
    zone = {
        D: spf(" ".join(one)),
        "b.example": {**spf(" ".join(other)), kind: ["10 c.example"] if kind == "MX" else []},
    }
    resolver = FakeResolver(zone)

    found = survey(resolver, D)
    check_host(resolver, D, address("192.0.2.1"))
    check_host(resolver, D, address("2001:db8::1"))

    assert found.lookups <= 11
    assert len(resolver.asked) < 150
