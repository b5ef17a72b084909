"""Person or machine: judged from the request alone, on arrival, so that none of it is kept.

Only certain cases are called automatic; all others count as a person's.
"""

from collections.abc import Mapping
from typing import Any, Final

_PREFETCH: Final = ("HTTP_PURPOSE", "HTTP_X_PURPOSE", "HTTP_SEC_PURPOSE", "HTTP_X_MOZ")


def is_automatic(environ: Mapping[str, Any]) -> bool:
    """Whether a request was made by a machine on its own account.

    Apple's Mail Privacy Protection fetches every picture whether or not anybody reads, and calls
    itself just ``Mozilla/5.0``. Browsers and gateways that fetch ahead say so in a header.
    """
    if environ.get("HTTP_USER_AGENT") == "Mozilla/5.0":
        return True
    return any("prefetch" in str(environ.get(name, "")).lower() for name in _PREFETCH)
