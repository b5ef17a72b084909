"""Postfix in a folder of its own: not the system's, which is neither read nor started."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.servers import (
    ATTIC,
    FAR,
    HALL,
    RESIDENTS,
    RETURNS,
    MailServer,
    Neighbours,
    box_of,
    until,
)
from tests.services import Unavailable, free_port

_PROGRAMS: Final = Path("/usr/lib/postfix/sbin")
_NOBODY: Final = 65534
# Waits of seconds, where an operator has hours and days.
_SETTINGS: Final = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = postfix.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtp_dns_support_level = disabled
smtp_host_lookup = native
default_transport = error:nothing leaves this machine
alias_maps =
local_recipient_maps =
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions =
smtpd_error_sleep_time = 0
smtpd_hard_error_limit = 1000
smtpd_client_connection_count_limit = 0
virtual_mailbox_domains = {hall}
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = texthash:{folder}/mailboxes
virtual_minimum_uid = 1
virtual_uid_maps = static:{user}
virtual_gid_maps = static:{user}
relay_domains = {attic} {far} {returns}
transport_maps = inline:{{ {{ {attic} = virtual: }}, {{ {far} = smtp:[127.0.0.1]:{far_port} }}, \
{{ {returns} = smtp:[127.0.0.1]:{returns_port} }} }}
default_destination_concurrency_failed_cohort_limit = 0
minimal_backoff_time = 1s
maximal_backoff_time = 1s
queue_run_delay = 1s
delay_warning_time = 1s
maximal_queue_lifetime = 3s
"""
_SERVICES: Final = """
127.0.0.1:{port} inet n - n - - smtpd
127.0.0.1:{plain_port} inet n - n - - smtpd -o smtpd_discard_ehlo_keywords=chunking
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 1 1 qmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
smtp      unix  - - n - - smtp
error     unix  - - n - - error
retry     unix  - - n - - error
virtual   unix  - n n - - virtual
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"""


@contextmanager
def postfix(neighbours: Neighbours) -> Iterator[MailServer]:
    """A server that ends with the block. It starts only as root."""
    if not (_PROGRAMS / "master").exists():
        raise Unavailable("Postfix")
    folder = Path(tempfile.mkdtemp(prefix="circular-postfix-"))
    folder.chmod(0o755)
    for name in ("config", "queue", "data", "mail"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    os.chown(folder / "mail", _NOBODY, _NOBODY)
    server = MailServer(free_port(), free_port(), neighbours.returns, folder)
    _configure(server, neighbours)
    master = subprocess.Popen(
        ["/usr/sbin/postfix", "-c", folder / "config", "start-fg"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        if not until(lambda: _listens(folder), seconds=15):
            raise RuntimeError("Postfix did not start within fifteen seconds")
        yield server
    finally:
        _stop(folder)
        master.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _configure(server: MailServer, neighbours: Neighbours) -> None:
    folder = server.folder
    settings = _SETTINGS.format(
        folder=folder,
        user=_NOBODY,
        hall=HALL,
        attic=ATTIC,
        far=FAR,
        returns=RETURNS,
        far_port=neighbours.far,
        returns_port=neighbours.returns,
    )
    services = _SERVICES.format(port=server.port, plain_port=server.plain_port)
    (folder / "config" / "main.cf").write_text(settings)
    (folder / "config" / "master.cf").write_text(services)
    rows = (f"{name}@{HALL} {box_of(name)}/\n" for name in RESIDENTS)
    (folder / "mailboxes").write_text("".join(rows))


def _listens(folder: Path) -> bool:
    # The master binds all its sockets before it makes these.
    return (folder / "queue" / "public" / "cleanup").exists()


def _stop(folder: Path) -> None:
    file = folder / "queue" / "pid" / "master.pid"
    if file.exists():
        os.kill(int(file.read_text()), signal.SIGTERM)
