"""What a test tells the fault server to do, step by step."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from tests.fakes.certificates import Certificate


@dataclass(frozen=True)
class Do:
    """One step of the server: say ``reply`` (lines joined with LF), or nothing, and perhaps close.

    Bytes are said as they are. A text that begins with no code is said as a line.
    ``keep`` says whether a content is kept; None means: when the reply is 2xx.
    """

    reply: str | bytes | None = None
    close: bool = False
    delay: float = 0
    keep: bool | None = None


CLOSE = Do(close=True)
STAY_SILENT = Do(delay=60)

Step = str | Do


class AfterChunk(StrEnum):
    """What a server makes of a transaction whose BDAT failed, until a RSET clears it."""

    OVER = "over"  # it is forgotten, and the next MAIL is welcome
    OPEN = "open"  # it stands: MAIL is out of order, and a RCPT joins it
    BARRED = "barred"  # nothing but RSET is taken, as Postfix does


@dataclass
class Script:
    """How the server behaves. ``on_…`` get the address it is about (the recipient for contents)."""

    greeting: Step = "220 fake ESMTP"
    ehlo: Step | None = None
    capabilities: tuple[str, ...] = ("PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES")
    capabilities_in_tls: tuple[str, ...] | None = None
    on_mail: Callable[[str], Step] = lambda path: "250 2.1.0 ok"
    on_rcpt: Callable[[str], Step] = lambda recipient: "250 2.1.5 ok"
    on_data: Callable[[str], Step] = lambda recipient: ""  # "" is 354, or 554 without a recipient
    on_content: Callable[[str], Step] = lambda recipient: "250 2.0.0 kept"
    on_rset: Step = "250 2.0.0 ok"
    after_chunk: AfterChunk = AfterChunk.OVER
    on_noop: Step = "250 2.0.0 ok"
    credentials: tuple[str, str] | None = None
    auth_replies: dict[str, Step] = field(default_factory=dict)  # by mechanism, instead
    tls: Certificate | None = None
    implicit_tls: bool = False
    after_starttls: bytes = b""  # injected in clear behind the 220
    cut_content_at: int | None = None  # octets of a content after which the connection is cut
    close_after_contents: int | None = None
    idle_close: float | None = None
    split_replies: bool = False  # every reply leaves in three pieces
    drip: float = 0  # seconds between the octets of a reply
    latency: float = 0  # seconds before each flush of replies
    strict: bool = False  # 554 and close on what RFC 2920 3.1 forbids
    knows_bdat: bool = True  # else it offers CHUNKING and takes contents for commands
    lying: bool = False  # offers PIPELINING but drops what follows the first command of a group
    drops_behind: str = ""  # lies only behind commands that begin so
    drops_behind_content: str = ""  # and behind contents for recipients that begin so
    lifetime: float = 30
