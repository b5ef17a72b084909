"""The last resort: addresses that ``flufl.bounce`` finds in notices not understood here.

It knows some twenty dialects of the nineties and gives addresses only. Its patterns are not linear
in the length of a line, so it is shown a short message with short lines.
"""

import logging
from email import message_from_bytes
from typing import Final

from flufl.bounce import all_failures

from mailer.receipts.bounces.parts.addresses import bare

_MOST_OCTETS: Final = 8 * 1024
_LONGEST_LINE: Final = 160

# An operator cannot do anything about what it cannot read.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL + 1)


def failed_addresses(message: bytes) -> list[str]:
    """The addresses that could not be reached, for now or for good."""
    lines = message[:_MOST_OCTETS].replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    shown = b"\n".join(line[:_LONGEST_LINE] for line in lines)
    try:
        temporary, permanent = all_failures(message_from_bytes(shown))
    except Exception:  # code of others, fed with mail of anybody
        return []
    found = sorted(octets.decode("utf-8", "replace") for octets in {*permanent, *temporary})
    return [address for text in found if (address := bare(text))]
