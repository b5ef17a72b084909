"""Machines by what one request says: its program, its network, its method, its headers."""

from ipaddress import ip_network

import pytest

from mailer.receipts.tracking import machines
from mailer.receipts.tracking.grounds import Ground, of_letters
from mailer.receipts.tracking.machines import Machines, Seen
from tests.mailer.receipts.tracking.agents import APPLE, BROWSER, GMAIL, OUTLOOK, PHONE, YAHOO

MACHINES = Machines(b"a secret of the tests")


def look(
    agent: str | None = BROWSER,
    *,
    method: str = "GET",
    visitor: str = "192.0.2.7",
    campaign_id: int = 1,
    header: str = "accept",
    value: str = "*/*",
) -> Seen:
    named = {header: value}
    if agent is not None:
        named["user-agent"] = agent
    return MACHINES.look(method, named, visitor, campaign_id)


def grounds(seen: Seen) -> set[str]:
    return {each.value for each in of_letters(seen.letters)}


@pytest.mark.parametrize("agent", [BROWSER, PHONE, OUTLOOK, GMAIL, YAHOO])
def test_what_people_read_with_is_no_machine(agent: str) -> None:
    assert grounds(look(agent)) == set()


@pytest.mark.parametrize(
    ("agent", "ground"),
    [
        (None, "no-agent"),
        ("", "no-agent"),
        ("   ", "no-agent"),
        ("python-requests/2.32.3", "library"),
        ("Python-urllib/3.11", "library"),
        ("python-httpx/0.28.1", "library"),
        ("curl/8.5.0", "library"),
        ("Wget/1.21.3", "library"),
        ("Go-http-client/1.1", "library"),
        ("Java/17.0.2", "library"),
        ("Apache-HttpClient/4.5.13 (Java/11.0.16)", "library"),
        ("axios/1.6.0", "library"),
        (BROWSER.replace("Chrome", "HeadlessChrome"), "library"),
        ("BarracudaCentral/1.0 LinkProtect", "gateway"),
        ("Mimecast-URL-Protect", "gateway"),
        ("Mozilla/5.0 (compatible; Proofpoint URL Defense)", "gateway"),
        ("Mozilla/5.0 (compatible; Bingbot/2.0; +http://www.bing.example/bingbot.htm)", "gateway"),
        ("Council-MailGateway/2.1 (link scanner)", "gateway"),
        ("Mozilla/5.0 (compatible; somebot/1.2)", "gateway"),
        (APPLE, "privacy-proxy"),
    ],
)
def test_a_program_that_nobody_looks_at_is_a_machine(agent: str | None, ground: str) -> None:
    assert grounds(look(agent)) == {ground}


@pytest.mark.parametrize(
    "visitor", ["209.222.82.14", "40.107.22.1", "148.163.150.9", "2a01:111:f400:7e00::1"]
)
def test_a_network_of_a_mail_filter_is_a_machine(visitor: str) -> None:
    assert grounds(look(visitor=visitor)) == {"network"}


@pytest.mark.parametrize("name", ["purpose", "x-purpose", "sec-purpose", "x-moz"])
def test_a_request_ahead_is_a_machine(name: str) -> None:
    assert grounds(look(header=name, value="prefetch;prerender")) == {"prefetch"}


def test_a_request_for_no_content_is_a_machine() -> None:
    assert grounds(look(method="HEAD")) == {"head"}


def test_all_that_shows_is_kept() -> None:
    seen = look(
        "curl/8.5.0",
        method="HEAD",
        visitor="209.222.82.14",
        header="purpose",
        value="prefetch",
    )

    assert grounds(seen) == {"library", "network", "head", "prefetch"}


def test_a_source_is_one_program_in_one_network_about_one_issue() -> None:
    source = look().source

    assert len(source) == 16
    assert look(visitor="192.0.2.200").source == source
    assert look(visitor="192.0.3.7").source != source
    assert look(PHONE).source != source
    assert look(campaign_id=2).source != source
    assert Machines(b"another secret").look("GET", {"user-agent": BROWSER}, "192.0.2.7", 1)[1] != (
        source
    )


def test_neighbours_in_ipv6_are_one_source() -> None:
    sources = {look(visitor=f"2001:db8:1:{n}::1").source for n in range(3)}

    assert len(sources) == 1
    assert look(visitor="2001:db8:2::1").source not in sources


@pytest.mark.parametrize("agent", [GMAIL, YAHOO, APPLE])
def test_a_proxy_of_many_readers_is_no_source(agent: str) -> None:
    assert look(agent).source == ""


def test_without_an_address_there_is_no_source() -> None:
    assert look(visitor="").source == ""
    assert look(visitor="unix:").source == ""


@pytest.mark.parametrize("agent", ["\ud800" * 3, "x" * 100_000, "\0\r\n", "é" * 50])
def test_an_agent_of_any_text_is_looked_at(agent: str) -> None:
    assert grounds(look(agent)) <= {each.value for each in Ground}


def test_the_files_name_networks_once_and_agents_in_lower_case() -> None:
    networks = list(machines._known_networks())
    agents = [word for _, word in machines._known_agents()]

    assert len(set(networks)) == len(networks) > 20
    assert len(set(agents)) == len(agents) > 50
    assert not any(
        each.overlaps(ip_network("192.0.2.0/24")) for each in networks if each.version == 4
    )
