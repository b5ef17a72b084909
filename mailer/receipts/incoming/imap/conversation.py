"""One conversation with an IMAP server about one folder, in which nothing can be lost (RFC 3501).

Messages are addressed by UID, read without being marked (BODY.PEEK) and moved, never deleted. A
plain EXPUNGE, or a CLOSE, would also remove what another client has marked as deleted, so neither
is ever sent.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Any, Final, Self

from mailer.receipts.incoming.imap.client import (
    LIFETIME,
    Client,
    connect,
    faults_as_sentences,
    require_ok,
)
from mailer.receipts.incoming.imap.names import (
    Naming,
    folder,
    is_a_folder,
    naming_of,
    quoted,
    unescaped,
)
from mailer.settings.mailbox_address import MailboxAddress

_ROOT: Final = "Circular"
_UID: Final = re.compile(rb"\bUID (\d{1,10})\b", re.I)
_SIZE: Final = re.compile(rb"\bRFC822\.SIZE (\d{1,18})\b", re.I)
_BODY: Final = re.compile(rb'\bBODY\[\](?:<\d+>)? (?:NIL|"((?:[^"\\]|\\.)*)"|\{\d+\}$)', re.I)


class ServerFolder(StrEnum):
    """Where messages are moved that have been kept here, below a folder of ours."""

    PROCESSED = "Processed"
    TO_LOOK_AT = "To look at"


@dataclass(frozen=True, slots=True)
class OpenedFolder:
    """A folder as it stands: how many messages, and the UIDVALIDITY under which UIDs hold."""

    messages: int
    validity: int


@dataclass(frozen=True, slots=True)
class ListedMessage:
    """One message; ``size`` is in octets, as the server says."""

    uid: int
    size: int


class Conversation:
    """A signed-in session about one folder; every fault in it raises ``MailboxUnavailable``."""

    def __init__(self, mailbox: MailboxAddress, *, lifetime: float = LIFETIME) -> None:
        self._mailbox = mailbox
        self._naming = Naming()
        self._folders: dict[ServerFolder, str] = {}
        with faults_as_sentences(mailbox, "is none that we can talk to"):
            self._client: Client = connect(mailbox, lifetime=lifetime)
        try:
            self._sign_in()
            self._learn_folders()
        except Exception:  # __exit__ does not run for what was not entered
            self._client.leave()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._client.leave()

    @property
    def moves(self) -> bool:
        """Whether messages can be moved away: without a plain EXPUNGE, and to folders of ours."""
        return bool(self._folders)

    def open(self) -> OpenedFolder:
        """Open the folder, or look at it again."""
        name = self._naming.of(*self._mailbox.folder)
        with faults_as_sentences(
            self._mailbox, "would not open the folder: it is named otherwise there"
        ):
            status, response = self._client.select(folder(name))
            require_ok(status)
            validity = self._client.response("UIDVALIDITY")[1][-1]
            return OpenedFolder(int(response[-1] or 0), int(validity))

    def listing(self, first: int, last: int) -> list[ListedMessage]:
        """The messages at the positions ``first`` to ``last``, counted from 1, in order."""
        if first > last:
            return []
        with faults_as_sentences(self._mailbox, "would not list its messages"):
            status, response = self._client.fetch(f"{first}:{last}", "(UID RFC822.SIZE)")
            require_ok(status)
        lines = [line for line in response if isinstance(line, bytes)]
        found = [(_UID.search(line), _SIZE.search(line)) for line in lines]
        sizes = {int(uid[1]): int(size[1]) for uid, size in found if uid and size}
        return [ListedMessage(uid, sizes[uid]) for uid in sorted(sizes)]

    def uid_at(self, position: int) -> int:
        """The UID of the message at a position; 0 if there is none any more."""
        return next((listed.uid for listed in self.listing(position, position)), 0)

    def fetch(self, uid: int, *, most: int = 0) -> bytes | None:
        """A message as it came, or its first ``most`` octets; None when it cannot be had.

        Octet for octet: what is kept has to be what another fetch of it would give.
        """
        part = f"<0.{most}>" if most else ""
        with faults_as_sentences(self._mailbox, "would not give a message"):
            _, response = self._client.uid("FETCH", str(uid), f"(BODY.PEEK[]{part})")
        octets = _body_in([piece for piece in response if piece], uid)
        return octets[:most] if octets and most else octets

    def move(self, uids: Sequence[int], to: ServerFolder) -> None:
        """Move messages away that have been kept here."""
        with faults_as_sentences(self._mailbox, "would not move what has been read"):
            if not uids:
                return
            if self._client.offers("MOVE"):  # RFC 6851
                self._command("MOVE", uids, self._folders[to])
                return
            self._command("COPY", uids, self._folders[to])
            self._command("STORE", uids, "+FLAGS.SILENT", r"(\Deleted)")
            self._command("EXPUNGE", uids)  # RFC 4315 2.1: of these and no others

    def mark_seen(self, uids: Sequence[int]) -> None:
        """Mark messages that have to stay where they are."""
        with faults_as_sentences(self._mailbox, "would not mark what has been read"):
            self._command("STORE", uids, "+FLAGS.SILENT", r"(\Seen)")

    def _command(self, command: str, uids: Sequence[int], *arguments: str) -> None:
        status, _ = self._client.uid(command, ",".join(map(str, uids)), *arguments)
        require_ok(status)

    def _sign_in(self) -> None:
        client, mailbox = self._client, self._mailbox
        with faults_as_sentences(mailbox, "did not accept the user and the password"):
            if client.offers("AUTH=PLAIN"):  # RFC 4616; unlike LOGIN it takes any character
                secret = f"\0{mailbox.user}\0{mailbox.password}".encode()
                client.authenticate("PLAIN", lambda _: secret)
            elif client.offers("LOGINDISABLED"):  # RFC 3501 6.2.3: then LOGIN must not be sent
                require_ok("NO")
            else:
                client.login(quoted(mailbox.user), mailbox.password)
            # What is offered may change once the server knows to whom.
            client.capabilities = tuple(client.capability()[1][-1].decode("ascii").upper().split())

    def _learn_folders(self) -> None:
        client = self._client
        with faults_as_sentences(self._mailbox, "did not say how its folders are named"):
            listed = client.list('""', '""')[1][-1]
            spaces = client.namespace()[1][-1] if client.offers("NAMESPACE") else None
            self._naming = naming_of(listed, spaces)
        if client.offers("MOVE", "UIDPLUS"):
            self._folders = self._own_folders()

    def _own_folders(self) -> dict[ServerFolder, str]:
        """Our folders, made where they are missing; none if the server wants no new ones."""
        names = {which: folder(self._naming.ours(_ROOT, which)) for which in ServerFolder}
        with faults_as_sentences(self._mailbox, "did not say which folders there are"):
            if not all(self._is_there(name) for name in names.values()):
                for name in (folder(self._naming.ours(_ROOT)), *names.values()):
                    self._client.create(name)  # the answer is NO if it is there
                    self._client.subscribe(name)  # so that mail programs show it
            return names if all(self._is_there(name) for name in names.values()) else {}

    def _is_there(self, name: str) -> bool:
        status, lines = self._client.list('""', name)
        return status == "OK" and any(is_a_folder(each) for each in lines)


def _body_in(response: Sequence[Any], uid: int) -> bytes | None:
    """The message in the answer to a fetch, among other data that the server sent unasked."""
    for position, piece in enumerate(response):
        literal = isinstance(piece, tuple)
        head = piece[0] if literal else piece
        found = _BODY.search(head)
        after = response[position + 1] if literal and position + 1 < len(response) else b""
        of = _UID.search(head) or (_UID.search(after) if isinstance(after, bytes) else None)
        if found and of and int(of[1]) == uid:
            return bytes(piece[1]) if literal else unescaped(found[1] or b"")
    return None
