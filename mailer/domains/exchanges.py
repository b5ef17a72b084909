"""MX records: whether replies reach the sender, and bounces come back."""

from typing import Final

from mailer.domains.answers import MailExchange, Resolver
from mailer.domains.findings import Finding, Level, listed

_MOST: Final = 5  # hosts that are looked at
_REPLIES: Final = "Replies (MX)"
_BOUNCES: Final = "Bounces (MX)"


def judge_replies(resolver: Resolver, domain: str) -> Finding:
    """Whether replies to an issue reach a mail host."""
    # RFC 7505 section 4.2: a sender that takes no mail may be refused for that alone.
    return _judge(resolver, domain, _REPLIES, "Replies", "they may refuse its mail for that")


def judge_bounces(resolver: Resolver, domain: str) -> Finding:
    """Whether bounces reach a mail host."""
    return _judge(resolver, domain, _BOUNCES, "Bounces", "nobody learns which addresses are dead")


def _judge(resolver: Resolver, domain: str, about: str, mail: str, harm: str) -> Finding:
    answer = resolver.mx(domain)
    if not answer.known:
        return Finding(about, Level.UNCHECKED, f"DNS gave no answer about the MX of {domain}.")
    if any(not exchange.host for exchange in answer.records):
        what = f"{domain} says that it takes no mail (a null MX), and {harm}."
        return Finding(about, Level.FIX, what, _change(domain))
    if answer.records:
        return _hosts(resolver, domain, about, mail, answer.records)
    direct = resolver.addresses(domain)
    if not direct.known:
        return Finding(about, Level.UNCHECKED, f"DNS gave no answer about {domain}.")
    if direct.records:  # RFC 5321 section 5.1: the domain's own host is its mail host then
        what = f"{domain} has no MX record: mail for it is brought to the host of that name."
        change = "Publish an MX record that names the mail host, if that is another one."
        return Finding(about, Level.LOOK, what, change)
    what = f"No mail reaches {domain}: it has neither an MX record nor an address, and {harm}."
    return Finding(about, Level.FIX, what, _change(domain))


def _hosts(
    resolver: Resolver, domain: str, about: str, mail: str, exchanges: tuple[MailExchange, ...]
) -> Finding:
    hosts = list(dict.fromkeys(exchange.host for exchange in exchanges))[:_MOST]
    answers = {host: resolver.addresses(host) for host in hosts}
    good = [host for host in hosts if answers[host].records]
    gone = [host for host in hosts if answers[host].void]
    if gone:
        level = Level.LOOK if good else Level.FIX
        what = f"{listed(gone)}, which the MX of {domain} names, has no address."
        return Finding(about, level, what, "Take it out of the MX records, or give it an address.")
    if not good:
        return Finding(about, Level.UNCHECKED, f"DNS gave no answer about {listed(hosts)}.")
    return Finding(about, Level.OK, f"{mail} go to {listed(good)}.")


def _change(domain: str) -> str:
    return f"Publish an MX record at {domain} that names the host which takes its mail."
