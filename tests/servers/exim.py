"""Exim in a folder of its own, from Debian's packages but not installed.

Debian lets no two mail servers be installed together. So the packages are fetched by apt with its
own settings, unpacked into a folder that is kept, and run from there as a user without rights.
"""

import os
import shutil
import signal
import socket
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

CACHE: Final = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "circular", "exim")
PER_CONNECTION: Final = 7
_PACKAGES: Final = ("exim4-daemon-light", "libnss-wrapper")
_NOBODY: Final = 65534
_SETTINGS: Final = """
primary_hostname = exim.example
exim_path = {program}
spool_directory = {folder}/spool
log_file_path = {folder}/log-%s
pid_file_path = {folder}/pid
keep_environment = ^LD_ : ^NSS_WRAPPER
daemon_smtp_ports = {port} : {plain_port}
local_interfaces = <; 127.0.0.1
disable_ipv6
deliver_drop_privilege
host_lookup =
tls_advertise_hosts =
pipelining_advertise_hosts = *
chunking_advertise_hosts = ${{if eq{{$received_port}}{{{plain_port}}}{{}}{{*}}}}
smtp_accept_max = 100
smtp_accept_max_per_connection = {per_connection}
smtp_accept_queue_per_connection = 0
acl_smtp_rcpt = check_recipient
delay_warning = 1s
delay_warning_condition = yes
remote_max_parallel = 10

begin acl
check_recipient:
  accept domains = {attic} : {far} : {returns}
  require domains = {hall}
          message = relay not permitted
  require verify = recipient
  accept

begin routers
far:
  driver = manualroute
  domains = {far}
  transport = to_far
  route_data = 127.0.0.1
  self = send
returns:
  driver = manualroute
  domains = {returns}
  transport = to_returns
  route_data = 127.0.0.1
  self = send
mailbox:
  driver = accept
  domains = {hall} : {attic}
  local_parts = lsearch;{folder}/mailboxes
  transport = mailbox
  cannot_route_message = Unknown user

begin transports
to_far:
  driver = smtp
  port = {far_port}
  hosts_avoid_tls = *
to_returns:
  driver = smtp
  port = {returns_port}
  hosts_avoid_tls = *
mailbox:
  driver = appendfile
  directory = {folder}/mail/$local_part_data
  maildir_format
  message_prefix =
  message_suffix =
  return_path_add
  envelope_to_add
  delivery_date_add

begin retry
slow@{far}  *  F,1h,30m
*  *  F,1s,1s
"""


@contextmanager
def exim(neighbours: Neighbours) -> Iterator[MailServer]:
    """A server that ends with the block. ``PER_CONNECTION`` messages, then it says 421."""
    unpacked = fetched()
    folder = Path(tempfile.mkdtemp(prefix="circular-exim-"))
    for name in ("spool", "mail"):
        (folder / name).mkdir()
    server = MailServer(free_port(), free_port(), neighbours.returns, folder)
    program = _program(folder, unpacked)
    (folder / "config").write_text(
        _SETTINGS.format(
            folder=folder,
            program=program,
            port=server.port,
            plain_port=server.plain_port,
            per_connection=PER_CONNECTION,
            hall=HALL,
            attic=ATTIC,
            far=FAR,
            returns=RETURNS,
            far_port=neighbours.far,
            returns_port=neighbours.returns,
        )
    )
    rows = (f'"{name}": {box_of(name)}\n' for name in RESIDENTS)
    (folder / "mailboxes").write_text("".join(rows))
    user = _NOBODY if os.geteuid() == 0 else os.geteuid()
    environment = _names(folder, unpacked, user)
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user, user)
    daemon = subprocess.Popen(
        [program, "-C", folder / "config", "-bdf", "-q1s"],
        env=environment,
        user=user if os.geteuid() == 0 else None,
        group=user if os.geteuid() == 0 else None,
        extra_groups=[] if os.geteuid() == 0 else None,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        if not until(lambda: _answers(server.port), seconds=15):
            raise RuntimeError("Exim did not start within fifteen seconds")
        yield server
    finally:
        os.killpg(daemon.pid, signal.SIGTERM)  # deliveries and queue runners too
        daemon.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def fetched() -> Path:
    """The folder with the unpacked packages; they are fetched when there is none yet."""
    if (CACHE / "usr" / "sbin" / "exim4").exists():
        return CACHE
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        raise Unavailable("Exim")
    CACHE.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE.parent) as name:
        work = Path(name)
        (work / "archives" / "partial").mkdir(parents=True)
        # Nothing is installed or removed; apt only works out what is missing here, and fetches it.
        options = ["-o", f"Dir::Cache::archives={work / 'archives'}", "-o", "Debug::NoLocking=1"]
        options += ["-o", "APT::Sandbox::User="]
        command = ["apt-get", *options, "install", "--download-only", "--no-install-recommends"]
        try:
            subprocess.run(
                [*command, "-y", *_PACKAGES],
                check=True,
                timeout=120,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                stdin=subprocess.DEVNULL,
            )
        except (subprocess.SubprocessError, OSError):
            raise Unavailable("Exim") from None
        for package in (work / "archives").glob("*.deb"):
            subprocess.run(["dpkg", "-x", package, work / "root"], check=True, timeout=60)
        try:
            (work / "root").rename(CACHE)
        except OSError:  # another process of this test run was faster
            assert CACHE.exists()
    return CACHE


def _program(folder: Path, unpacked: Path) -> Path:
    # A copy without the set-user-id bit: the loader would ignore what it is told below.
    program = folder / "exim4"
    shutil.copyfile(unpacked / "usr" / "sbin" / "exim4", program)
    program.chmod(0o755)
    for library in unpacked.rglob("*.so*"):
        shutil.copyfile(library, folder / library.name)
    return program


def _names(folder: Path, unpacked: Path, user: int) -> dict[str, str]:
    """Where the program finds its libraries, and the user whom Debian built it for."""
    users, groups = folder / "passwd", folder / "group"
    users.write_text(f"Debian-exim:x:{user}:{user}::/:/bin/false\nmail:x:8:8::/:/bin/false\n")
    groups.write_text(f"Debian-exim:x:{user}:\nmail:x:8:\n")
    return {
        "PATH": os.environ["PATH"],
        "LD_LIBRARY_PATH": str(folder),
        "LD_PRELOAD": str(folder / "libnss_wrapper.so"),
        "NSS_WRAPPER_PASSWD": str(users),
        "NSS_WRAPPER_GROUP": str(groups),
    }


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":
    fetched()
