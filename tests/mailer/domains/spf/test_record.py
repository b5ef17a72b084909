"""SPF records are read as RFC 7208 spells them, and a wrong word is named."""

from contextlib import suppress
from ipaddress import IPv4Network, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.domains.spf.macros import Sending, expand
from mailer.domains.spf.record import MechanismKind, is_spf, read
from mailer.errors import UnreadableRecord
from tests.mailer.domains.zones import address


@pytest.mark.parametrize(
    ("text", "whether"),
    [
        ("v=spf1", True),
        ("v=spf1 -all", True),
        ("V=SPF1 -all", True),
        ("v=spf10 -all", False),
        ("v=spf1-all", False),
        (" v=spf1 -all", False),
        ("spf2.0/pra -all", False),
    ],
)
def test_an_spf_record_is_recognised_by_its_version(text: str, whether: bool) -> None:
    assert is_spf(text) is whether


def test_every_kind_of_term_is_read() -> None:
    record = read(
        "v=spf1 ip4:192.0.2.0/24 -IP6:2001:db8::/32 a mx:mail.a.example/26//64 ?ptr"
        " exists:%{ir}.%{v}._spf.a.example ~include:_spf.b.example future=x y=1 ~all ip4:10.0.0.1"
    )

    kinds = [(each.verdict, each.kind) for each in record.mechanisms]
    assert kinds == [
        ("+", MechanismKind.IP4),
        ("-", MechanismKind.IP6),
        ("+", MechanismKind.A),
        ("+", MechanismKind.MX),
        ("?", MechanismKind.PTR),
        ("+", MechanismKind.EXISTS),
        ("~", MechanismKind.INCLUDE),
        ("~", MechanismKind.ALL),
    ]
    assert record.mechanisms[0].network == IPv4Network("192.0.2.0/24")
    assert record.mechanisms[1].network == IPv6Network("2001:db8::/32")
    assert (record.mechanisms[3].spec, record.mechanisms[3].four, record.mechanisms[3].six) == (
        "mail.a.example",
        26,
        64,
    )
    assert record.catch_all == "~"


def test_what_an_unknown_modifier_or_an_explanation_may_have_is_read() -> None:
    for terms in ("exp=why.%{d}", "future=", "future=%{c}%{R}%{t}%%", "ip4:0.0.0.0/0", "mx/0//0"):
        assert read(f"v=spf1 {terms} -all").catch_all == "-"


def test_a_redirect_beside_all_is_ignored() -> None:
    assert read("v=spf1 redirect=b.example -all").redirect == ""
    assert read("v=spf1 mx redirect=b.example").redirect == "b.example"


@pytest.mark.parametrize(
    ("terms", "named"),
    [
        ("al", "“al”"),
        ("all:a.example", "behind “all”"),
        ("include", "names no domain"),
        ("include:", "names no domain"),
        ("include:localhost", "names no domain that can be one"),
        ("include:a.123", "names no domain that can be one"),
        ("exists", "names no domain"),
        ("a:", "cannot be read"),
        ("a:b.example/33", "too long"),
        ("mx//129", "too long"),
        ("a/24/64", "cannot be read"),
        ("ip4:1.2.3", "IPv4"),
        ("ip4:192.0.2.1/33", "IPv4"),
        ("ip4:192.0.2.1/255.255.255.0", "IPv4"),
        ("ip4:2001:db8::1", "IPv4"),
        ("ip4", "IPv4"),
        ("ip6:192.0.2.1", "IPv6"),
        ("include:%{c}.a.example", "names no domain that can be one"),
        ("exists:%{i.a.example", "names no domain that can be one"),
        ("redirect=a.example redirect=b.example", "redirect= twice"),
        ("redirect=", "names no domain"),
        ("exp=", "names no domain that can be one"),
        ("exp=localhost", "names no domain that can be one"),
        ("exp=%{d}..", "names no domain that can be one"),
        ("exp=%{c}.a.example", "names no domain that can be one"),
        ("exp=%{t}", "names no domain that can be one"),
        ("exp=a.example exp=b.example", "exp= twice"),
        ("future=%{d", "no macro"),
        ("future=100%", "no macro"),
        ("future=%{x}", "no macro"),
        ("redirect=%{d0}", "names no domain that can be one"),
        ("ip4:192.0.2.0/024", "IPv4"),
        ("ip4:192.0.2.0/00", "IPv4"),
        ("ip6:2001:db8::/064", "IPv6"),
        ("a/024", "cannot be read"),
        ("mx//064", "cannot be read"),
        ("-all\tmx", "“-all�mx”"),
    ],
)
def test_a_wrong_term_is_named(terms: str, named: str) -> None:
    with pytest.raises(UnreadableRecord, match=named):
        read(f"v=spf1 {terms}")


_SENDING = Sending("lists.network.example", address("192.0.2.3"))
_SENDING_SIX = Sending("lists.network.example", address("2001:db8::cb01"))


@pytest.mark.parametrize(
    ("spec", "sending", "name"),
    [
        ("%{d}", _SENDING, "mail.network.example"),
        ("%{o}", _SENDING, "lists.network.example"),
        ("%{d2}", _SENDING, "network.example"),
        ("%{dr}", _SENDING, "example.network.mail"),
        ("%{d1r}", _SENDING, "mail"),
        ("%{i}._spf.%{d2}", _SENDING, "192.0.2.3._spf.network.example"),
        ("%{ir}.%{v}.a.example", _SENDING, "3.2.0.192.in-addr.a.example"),
        ("%{v}.a.example", _SENDING_SIX, "ip6.a.example"),
        ("a%%b%_c%-.a.example", _SENDING, "a%b c%20.a.example"),
        (
            "%{ir}.a.example",
            _SENDING_SIX,
            "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.a.example",
        ),
        ("%{l}.a.example", _SENDING, None),
        ("%{s}.a.example", _SENDING, None),
        ("%{i}.a.example", Sending("a.example", None), None),
        ("%{o}.x.example", Sending("a.example", None), "a.example.x.example"),
        ("%{d0}", _SENDING, "mail.network.example"),
    ],
)
def test_macros_expand_to_names(spec: str, sending: Sending, name: str | None) -> None:
    assert expand(spec, "mail.network.example", sending) == name


def test_a_name_that_is_too_long_loses_labels_from_the_left() -> None:
    long = ".".join(["label"] * 60)

    name = expand(f"first.{long}.%{{d}}", "network.example", _SENDING)

    assert name
    assert len(name) <= 253
    assert name.endswith("label.network.example")


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(terms: str) -> None:
    with suppress(UnreadableRecord):
        read(f"v=spf1 {terms}")


@given(st.from_regex(r"(?:[ -~]|%\{[a-z][0-9]{0,4}r?[.,=_/+-]{0,3}\}){0,40}", fullmatch=True))
def test_any_macro_expands_without_an_error(spec: str) -> None:
    for sending in (_SENDING, _SENDING_SIX, Sending("a.example", None)):
        expand(spec, "network.example", sending)
