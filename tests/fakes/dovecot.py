"""Dovecot, for one test and on loopback: the IMAP server that most mailboxes are behind."""

import grp
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mailer.settings.mailbox_address import MailboxAddress, Security
from tests.fakes.certificates import Certificate
from tests.services import Unavailable, free_port

_BINARY = Path("/usr/sbin/dovecot")
_IMAP = Path("/usr/lib/dovecot/imap")
_USER, _PASSWORD = "bounces@network.example", 's%c "rét'


@dataclass(frozen=True, slots=True)
class Dovecot:
    """A running server with one mailbox, kept as a maildir."""

    folder: Path
    port: int
    certificate: Certificate

    def address(self, security: Security, *folder: str) -> MailboxAddress:
        """Its mailbox, STARTTLS on one port and TLS on the next."""
        port = self.port + 1 if security is Security.TLS else self.port
        ca = str(self.certificate.certificate)
        levels = folder or ("INBOX",)
        return MailboxAddress("127.0.0.1", port, security, _USER, _PASSWORD, levels, ca)

    def octets_in(self, name: str = "") -> list[bytes]:
        """The messages of a folder as they lie on the disk; "" for the INBOX."""
        place = self.folder / "mail" / name
        return sorted(
            each.read_bytes() for part in ("new", "cur") for each in (place / part).iterdir()
        )


@contextmanager
def dovecot(*, offers: str = "", prefix: str = "", separator: str = "/") -> Iterator[Dovecot]:
    """A server that ends with the block; ``offers`` are all the capabilities it is to show."""
    if not _BINARY.exists() or not _IMAP.exists():
        raise Unavailable("Dovecot")
    # Its sockets lie in here: their paths have to be short.
    folder = Path(tempfile.mkdtemp(prefix="circular-imap-"))
    folder.chmod(0o755)
    certificate = Certificate.make(folder)
    port = free_port()
    config = folder / "dovecot.conf"
    config.write_text(_config(folder, port, certificate, offers, prefix, separator))
    (folder / "users").write_text(f"{_USER}:{{PLAIN}}{_PASSWORD}\n", "utf-8")
    (folder / "mail").mkdir()
    if os.geteuid() == 0:
        shutil.chown(folder / "mail", "nobody", "nogroup")
    server = subprocess.Popen([_BINARY, "-F", "-c", config], stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            if (folder / "run" / "master.pid").exists():
                break
            time.sleep(0.05)
        yield Dovecot(folder, port, certificate)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _config(
    folder: Path, port: int, certificate: Certificate, offers: str, prefix: str, separator: str
) -> str:
    root = os.geteuid() == 0
    owner = pwd.getpwnam("nobody") if root else pwd.getpwuid(os.geteuid())
    user = owner.pw_name
    group = grp.getgrgid(owner.pw_gid).gr_name
    # Without root it cannot become anybody else, nor close itself in.
    alone = (
        ""
        if root
        else f"""
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
"""
    )
    chroot = "" if root else "chroot ="
    return f"""
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{certificate.certificate}
ssl_key = <{certificate.key}
{alone}
{"imap_capability = " + offers if offers else ""}
mail_location = maildir:{folder}/mail
mail_uid = {owner.pw_uid}
mail_gid = {owner.pw_gid}
first_valid_uid = 1
first_valid_gid = 1
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = home={folder}/mail
}}
namespace inbox {{
  inbox = yes
  prefix = {prefix}
  separator = {separator}
}}
service anvil {{
  {chroot}
}}
service imap-login {{
  {chroot}
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {port + 1}
  }}
}}
"""
