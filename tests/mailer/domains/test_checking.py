"""The whole check: what is found of a domain, and the records it says to publish."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.domains.checking import check
from mailer.domains.findings import Finding, Level, Record
from tests.fakes.resolver import AWAY, FakeResolver, SilentResolver
from tests.mailer.domains.zones import (
    DOMAIN,
    ED25519,
    RELAY,
    RSA,
    a_sender,
    about,
    checked,
    in_order,
    keys,
)

TOGETHER = "All together"
KEY = f"r._domainkey.{DOMAIN}"


def one(zone: dict[str, Any], topic: str, **sender: Any) -> Finding:
    """The first finding about something."""
    return about(checked(zone, **sender).findings, topic)[0]


def txt(*records: str) -> dict[str, list[str]]:
    return {"TXT": list(records)}


def test_a_domain_in_order_has_nothing_to_fix_or_to_look_at() -> None:
    found = checked(in_order())

    assert found.aligned is True
    assert {finding.level for finding in found.findings} == {Level.OK}
    assert {finding.about for finding in found.findings} == {
        TOGETHER,
        "DKIM",
        "SPF",
        "DMARC",
        "Replies (MX)",
        "Bounces (MX)",
        "Reverse DNS (PTR)",
    }


def test_with_nothing_published_every_record_to_publish_is_given() -> None:
    found = checked({DOMAIN: {"A": ["192.0.2.1"]}})

    assert found.aligned is False
    records = [finding.record for finding in found.findings if finding.record]
    assert records == [
        Record(KEY, RSA),
        Record(f"e._domainkey.{DOMAIN}", ED25519),
        Record(DOMAIN, f"v=spf1 ip4:{RELAY} ~all"),
        Record(f"_dmarc.{DOMAIN}", "v=DMARC1; p=none"),
    ]
    assert found.findings[0].level is Level.FIX
    assert "neither DKIM nor SPF speaks for it" in found.findings[0].what


def test_dns_that_is_away_decides_nothing() -> None:
    found = check(SilentResolver(), a_sender())

    assert found.aligned is None
    assert {finding.level for finding in found.findings} == {Level.UNCHECKED}


def test_findings_are_kept_as_json_and_come_back_the_same() -> None:
    for finding in checked({}).findings:
        assert Finding.from_json(finding.to_json()) == finding


@pytest.mark.parametrize(
    ("dkim", "spf", "aligned"),
    [
        (txt(RSA), txt("v=spf1 mx -all"), True),
        (txt(RSA), txt(), True),
        (txt(RSA), AWAY, True),
        (txt(), txt(f"v=spf1 ip4:{RELAY} -all"), True),
        (AWAY, txt(f"v=spf1 ip4:{RELAY} -all"), True),
        (AWAY, txt("v=spf1 -all"), None),
        (txt(), AWAY, None),
        (txt(), txt("v=spf1 -all"), False),
        (txt(), txt("v=spf1 ip4:192.0.2.99 -all"), False),
        (txt(), txt("v=spf1 ip4:192.0.2.99 junk"), False),
        (txt("v=DKIM1; p="), txt(), False),
    ],
)
def test_one_way_that_passes_is_enough(dkim: Any, spf: Any, aligned: bool | None) -> None:
    zone = in_order(**{KEY: dkim, DOMAIN: spf})

    assert checked(zone).aligned is aligned


def test_keys_that_sign_nothing_yet_prove_nothing() -> None:
    found = checked(in_order(**{DOMAIN: txt()}), keys=keys(signs=False))

    assert found.aligned is False
    assert "not signed with it yet" in about(found.findings, "DKIM")[0].what


def test_an_ed25519_key_alone_does_not_pass() -> None:
    assert checked(in_order(**{DOMAIN: txt(), KEY: txt()})).aligned is False


def test_without_keys_of_ours_spf_is_enough() -> None:
    found = checked(in_order(), keys=())

    assert found.aligned is True
    assert found.findings[0].level is Level.LOOK
    assert "by SPF alone" in found.findings[0].what
    assert "there are no keys" in about(found.findings, "DKIM")[0].what


@pytest.mark.parametrize(
    ("records", "level", "sentence"),
    [
        (txt(RSA.replace("; ", ";")), Level.OK, "as it should be"),
        (txt(RSA.replace("p=MIIB", "p= MI IB\t")), Level.OK, "as it should be"),
        (txt(RSA.removeprefix("v=DKIM1; k=rsa; ")), Level.OK, "as it should be"),
        (txt(f"{RSA}; n=a note; s=email; h=sha1:sha256"), Level.OK, "as it should be"),
        (txt(f"{RSA}; t=y:s"), Level.LOOK, "as a test"),
        (txt("v=DKIM1; k=rsa; p="), Level.FIX, "revokes"),
        (txt(ED25519), Level.FIX, "another kind of key"),
        (txt(RSA.replace("MIIB", "MIIC")), Level.FIX, "another key than ours"),
        (txt("v=DKIM1; k=rsa; p=MIIB?"), Level.FIX, "another key than ours"),
        (txt(f"{RSA}; h=sha1"), Level.FIX, "SHA-256"),
        (txt(f"{RSA}; s=other"), Level.FIX, "not for e-mail"),
        (txt("v=DKIM2; p=MIIB"), Level.FIX, "no DKIM key"),
        (txt("welcome"), Level.FIX, "“welcome”"),
        (txt(RSA, RSA), Level.FIX, "2 records"),
        (txt(), Level.FIX, "not published"),
        (AWAY, Level.UNCHECKED, "no answer"),
    ],
)
def test_a_published_key_is_compared_with_ours(records: Any, level: Level, sentence: str) -> None:
    finding = one(in_order(**{KEY: records}), "DKIM")

    assert finding.level is level
    assert sentence in finding.what
    assert (finding.record == Record(KEY, RSA)) == (level in {Level.FIX, Level.LOOK})


@pytest.mark.parametrize(
    ("records", "level", "sentence"),
    [
        (txt(f"v=spf1 ip4:{RELAY} -all"), Level.OK, f"lets {RELAY} send. It takes 0 of 10"),
        (txt("v=spf1 mx -all"), Level.FIX, f"does not let {RELAY} send"),
        (txt("v=spf1 -all"), Level.FIX, "lets nobody send"),
        (txt("v=spf1 a mx junk"), Level.FIX, "“junk” is not a word of SPF"),
        (txt("v=spf1 mx", "v=spf1 a"), Level.FIX, "2 records of SPF"),
        (txt("other"), Level.FIX, "has no SPF record"),
        (AWAY, Level.UNCHECKED, "could not be read"),
    ],
)
def test_the_record_of_the_return_path_lets_us_send(
    records: Any, level: Level, sentence: str
) -> None:
    zone = in_order(**{DOMAIN: records})

    finding = one(zone, "SPF")

    assert finding.level is level
    assert sentence in finding.what


def test_the_record_to_publish_is_the_old_one_with_our_address_in_it() -> None:
    zone = in_order(**{DOMAIN: {"TXT": ["v=spf1 a:x.example -all"], "MX": ["10 mx.a.example"]}})

    assert one(zone, "SPF").record == Record(DOMAIN, f"v=spf1 ip4:{RELAY} a:x.example -all")


@pytest.mark.parametrize(
    ("end", "sentence"), [("+all", "everybody"), ("?all", "“?all”"), ("", "no “all”")]
)
def test_a_record_without_a_strict_all_could_be_better(end: str, sentence: str) -> None:
    found = checked(in_order(**{DOMAIN: txt(f"v=spf1 ip4:{RELAY} {end}".strip())}))

    remark = about(found.findings, "SPF")[1]
    assert (remark.level, sentence in remark.what) == (Level.LOOK, True)
    assert found.aligned is True


@pytest.mark.parametrize("host", ["10.0.0.5", "127.0.0.1", "localhost", "::1", "fd00::1"])
def test_the_addresses_of_a_relay_on_this_network_are_unknown(host: str) -> None:
    found = checked(in_order(**{DOMAIN: txt("v=spf1 mx -all")}), relays=(host,))

    assert about(found.findings, "SPF")[0].level is Level.UNCHECKED
    assert "can’t be told from here" in about(found.findings, "SPF")[0].what
    assert about(found.findings, "Reverse DNS (PTR)")[0].level is Level.UNCHECKED
    assert found.aligned is True


def test_a_relay_given_by_name_is_a_hint_and_no_proof() -> None:
    relay = {"smtp.provider.example": {"A": ["198.51.100.80"]}}
    zone = in_order(**relay, **{DOMAIN: txt("v=spf1 ip4:198.51.100.0/24 -all")})
    elsewhere = in_order(**relay, **{DOMAIN: txt("v=spf1 include:p.example -all")})
    elsewhere["p.example"] = txt("v=spf1 ip4:192.0.2.0/24 -all")
    nothing = in_order(**relay, **{DOMAIN: txt()})

    relays = ("smtp.provider.example",)
    assert one(zone, "SPF", relays=relays).level is Level.OK
    assert one(elsewhere, "SPF", relays=relays).level is Level.UNCHECKED
    assert checked(elsewhere, relays=relays).aligned is True
    missing = one(nothing, "SPF", relays=relays)
    assert missing.record == Record(DOMAIN, "v=spf1 a:smtp.provider.example ~all")
    assert "Ask who runs smtp.provider.example" in missing.change


def test_while_mail_is_caught_no_address_has_to_be_in_the_spf_record() -> None:
    found = checked(in_order(**{DOMAIN: txt("v=spf1 mx -all")}), relays=())

    assert about(found.findings, "SPF")[0].level is Level.OK
    assert "Set up a relay" in about(found.findings, "SPF")[0].change


@pytest.mark.parametrize(
    ("records", "level", "sentence", "change"),
    [
        ("v=DMARC1; p=none", Level.OK, "“none”", "rua=mailto:"),
        ("v=DMARC1; p=none; rua=mailto:a@a.example", Level.OK, "“none”", "quarantine"),
        ("v=DMARC1; p=quarantine", Level.OK, "spam folders", ""),
        ("v=DMARC1; p=reject; sp=none", Level.OK, "refuse", ""),
        ("v=DMARC1; rua=mailto:a@a.example", Level.FIX, "no p=", "p="),
        ("v=DMARC1; p=all", Level.FIX, "no p=", "p="),
        ("v=DMARC1; p=none; np=x", Level.FIX, "no np=", "np="),
    ],
)
def test_a_policy_is_explained_in_a_sentence(
    records: str, level: Level, sentence: str, change: str
) -> None:
    finding = one(in_order(**{f"_dmarc.{DOMAIN}": txt(records)}), "DMARC")

    assert (finding.level, sentence in finding.what, change in finding.change) == (
        level,
        True,
        True,
    )
    assert bool(finding.change) is bool(change)


@pytest.mark.parametrize(
    ("records", "sentence"),
    [
        ("v=DMARC1; p=none; t=y", "t=y"),
        ("v=DMARC1; p=none; pct=50; ri=3600", "pct= and ri="),
        ("v=DMARC1; p=none; adkim=strict", "adkim="),
    ],
)
def test_what_could_be_better_in_a_policy(records: str, sentence: str) -> None:
    found = checked(in_order(**{f"_dmarc.{DOMAIN}": txt(records)}))

    remark = about(found.findings, "DMARC")[1]
    assert (remark.level, sentence in remark.what) == (Level.LOOK, True)


def test_several_policies_count_as_none() -> None:
    several = txt("v=DMARC1; p=none", "v=DMARC1; p=reject")

    finding = one(in_order(**{f"_dmarc.{DOMAIN}": several}), "DMARC")

    assert (finding.level, "ignore them all" in finding.what) == (Level.FIX, True)


@pytest.mark.parametrize(
    ("record", "there", "wish"),
    [
        ("v=DMARC1; p=none", True, "none"),
        ("v=DMARC1; p=none; sp=reject; np=quarantine", True, "reject"),
        ("v=DMARC1; p=none; sp=reject; np=quarantine", False, "quarantine"),
        ("v=DMARC1; p=none; sp=reject", False, "reject"),
    ],
)
def test_a_policy_of_a_parent_may_name_one_for_subdomains(
    record: str, there: bool, wish: str
) -> None:
    news = f"news.{DOMAIN}"
    zone = in_order(**{f"_dmarc.{DOMAIN}": txt(record)})
    zone |= {news: {"A": ["192.0.2.1"]}} if there else {}

    finding = one(zone, "DMARC", domain=news, return_domain=news)

    assert f"_dmarc.{DOMAIN} asks for “{wish}”" in finding.what


def with_bounces_at(return_domain: str, policy: str | None) -> dict[str, Any]:
    zone = in_order(**{KEY: txt(), return_domain: txt(f"v=spf1 ip4:{RELAY} -all")})
    zone[f"_dmarc.{DOMAIN}"] = txt(policy) if policy else None
    return zone


@pytest.mark.parametrize(
    ("return_domain", "policy", "aligned", "change"),
    [
        (f"bounces.{DOMAIN}", "v=DMARC1; p=none", True, ""),
        (f"bounces.{DOMAIN}", "v=DMARC1; p=none; aspf=s", False, "aspf=s"),
        (f"bounces.{DOMAIN}", None, False, "Publish the DMARC record"),
        ("mail.provider.example", "v=DMARC1; p=none", False, "Have bounces go to"),
    ],
)
def test_spf_counts_only_where_bounces_go_to_one_of_the_senders_names(
    return_domain: str, policy: str | None, aligned: bool, change: str
) -> None:
    found = checked(with_bounces_at(return_domain, policy), return_domain=return_domain)

    assert found.aligned is aligned
    strangers = [each for each in about(found.findings, "SPF") if "belong" in each.what]
    assert [change in each.change for each in strangers] == ([True] if change else [])


def test_one_policy_is_published_where_it_ties_both_names_together() -> None:
    news = f"news.{DOMAIN}"
    zone = with_bounces_at(DOMAIN, None)

    missing = one(zone, "DMARC", domain=news)

    assert missing.record == Record(f"_dmarc.{DOMAIN}", "v=DMARC1; p=none")


@pytest.mark.parametrize(
    ("records", "level", "sentence"),
    [
        ({"MX": ["20 mx.b.example", "10 mx.a.example"]}, Level.OK, "mx.a.example and mx.b.example"),
        ({"MX": ["0 ."]}, Level.FIX, "takes no mail"),
        ({"A": ["192.0.2.1"]}, Level.LOOK, "no MX record"),
        ({"TXT": ["x"]}, Level.FIX, "No mail reaches"),
        ({"MX": ["10 mx.a.example", "20 gone.a.example"]}, Level.LOOK, "gone.a.example, which"),
        ({"MX": ["20 gone.a.example"]}, Level.FIX, "has no address"),
        ({"MX": ["20 away.a.example"]}, Level.UNCHECKED, "no answer"),
        (AWAY, Level.UNCHECKED, "no answer"),
    ],
)
def test_replies_and_bounces_reach_a_host(records: Any, level: Level, sentence: str) -> None:
    zone = in_order(**{DOMAIN: records, "away.a.example": AWAY})
    zone |= {"mx.a.example": {"A": ["192.0.2.1"]}, "mx.b.example": {"A": ["2001:db8::1"]}}

    for topic in ("Replies (MX)", "Bounces (MX)"):
        finding = one(zone, topic)
        assert (finding.level, sentence in finding.what) == (level, True), finding.what


@pytest.mark.parametrize(
    ("names", "back", "level"),
    [
        (["out.network.example"], RELAY, Level.OK),
        (["x.example", "out.network.example"], RELAY, Level.OK),
        (["out.network.example"], "192.0.2.1", Level.FIX),
        (["nowhere.example"], RELAY, Level.FIX),
        ([], RELAY, Level.FIX),
        (["away.example"], RELAY, Level.UNCHECKED),
    ],
)
def test_an_address_of_ours_has_a_name_that_leads_back(
    names: list[str], back: str, level: Level
) -> None:
    zone = in_order(**{RELAY: {"PTR": names}, f"out.{DOMAIN}": {"A": [back]}})

    assert one(zone | {"away.example": AWAY}, "Reverse DNS (PTR)").level is level


_TEXTS = st.lists(
    st.one_of(
        st.text(max_size=80),
        st.text(max_size=60).map("v=spf1 {}".format),
        st.text(max_size=60).map("v=DMARC1; {}".format),
        st.text(max_size=60).map("v=DKIM1; p={}".format),
        st.sampled_from([RSA, "v=spf1 include:network.example", "v=DMARC1; p=none; psd=y"]),
    ),
    max_size=3,
)


@given(_TEXTS, _TEXTS, _TEXTS, _TEXTS, st.sampled_from([DOMAIN, "b.network.example", "x.example"]))
def test_any_records_are_checked_without_an_error(
    own: list[str], policy: list[str], key: list[str], other: list[str], return_domain: str
) -> None:
    zone: Any = {
        DOMAIN: txt(*own),
        f"_dmarc.{DOMAIN}": txt(*policy),
        KEY: txt(*key),
        return_domain: txt(*other),
        "_dmarc.x.example": txt(*policy),
    }
    resolver = FakeResolver(zone)

    found = check(resolver, a_sender(return_domain=return_domain))

    assert found.aligned in {True, False}
    assert len(resolver.asked) < 150
    assert all(f"{each.what}{each.change}".isprintable() for each in found.findings)
