"""Person or machine: judged from the request alone, on arrival, so that none of it is kept.

Only certain cases are called automatic; all others count as a person's.
"""

from typing import Final, Protocol

_PREFETCH: Final = ("purpose", "x-purpose", "sec-purpose", "x-moz")


class HeaderValues(Protocol):
    """The headers of a request, by their names in lower case."""

    def get(self, name: str, default: str, /) -> str: ...


def is_automatic(headers: HeaderValues) -> bool:
    """Whether a request was made by a machine on its own account.

    Apple's Mail Privacy Protection fetches every picture whether or not anybody reads, and calls
    itself just ``Mozilla/5.0``. Browsers and gateways that fetch ahead say so in a header.
    """
    if headers.get("user-agent", "") == "Mozilla/5.0":
        return True
    return any("prefetch" in headers.get(name, "").lower() for name in _PREFETCH)
