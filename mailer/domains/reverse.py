"""Names of the addresses we send from: there (PTR), and leading back to them."""

from collections.abc import Sequence
from typing import Final

from mailer.domains.answers import IpAddress, Resolver
from mailer.domains.findings import Finding, Level, listed
from mailer.domains.origins import Origin, known_addresses

_ABOUT: Final = "Reverse DNS (PTR)"
_MOST: Final = 5  # names of one address that are followed back
_CHANGE: Final = (
    "Ask whoever provides the address to give it a name, and point that name back at the address."
)


def judge(resolver: Resolver, sent_from: Sequence[Origin]) -> tuple[Finding, ...]:
    """A finding for each address that mail is sent from for certain."""
    if known := known_addresses(sent_from):
        return tuple(_check_address(resolver, address) for address in known)
    what = "The addresses your relay sends from can’t be known from here; its operator names them."
    return (Finding(_ABOUT, Level.UNCHECKED, what),)


def _check_address(resolver: Resolver, address: IpAddress) -> Finding:
    answer = resolver.names_of(address)
    if not answer.known:
        return Finding(_ABOUT, Level.UNCHECKED, f"DNS gave no answer about the name of {address}.")
    names = list(answer.records[:_MOST])
    if not names:
        what = f"{address} has no name: many receivers refuse mail from such an address."
        return Finding(_ABOUT, Level.FIX, what, _CHANGE)
    answers = [resolver.addresses(name) for name in names]
    if any(address in back.records for back in answers):
        what = f"{address} is named {listed(names)}, which leads back to it."
        return Finding(_ABOUT, Level.OK, what)
    if not all(back.known for back in answers):
        return Finding(_ABOUT, Level.UNCHECKED, f"DNS gave no answer about {listed(names)}.")
    what = f"{address} is named {listed(names)}, which does not lead back to it."
    return Finding(_ABOUT, Level.FIX, what, _CHANGE)
