"""The address a listener takes, and what it says when it cannot take it."""

import asyncio
import os
import smtplib
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from mailer.errors import SettingsError
from mailer.receipts.incoming.listener import Listener, listen
from mailer.settings.listen_address import ListenAddress
from tests.mailer.receipts.incoming.rooms import (
    ROOT,
    TOKENS,
    ListenerFolder,
)


@pytest.fixture
def room(tmp_path: Path) -> ListenerFolder:
    return ListenerFolder(tmp_path / "incoming")


def test_an_address_in_use_is_one_sentence(room: ListenerFolder, tmp_path: Path) -> None:
    path = ListenAddress(path=str(tmp_path / "lmtp"), lmtp=True)
    nowhere = ListenAddress(path=str(tmp_path / "missing" / "lmtp"), lmtp=True)

    async def try_at(address: ListenAddress) -> None:
        listener = Listener(TOKENS, room.put, lmtp=address.lmtp)
        await listen(address, listener, asyncio.Event(), name="news.example")

    with room.listening(path), room.listening() as port:
        for address in (ListenAddress("127.0.0.1", port), path, nowhere):
            with pytest.raises(SettingsError, match=r"cannot listen on .*(in use|No such file)"):
                asyncio.run(try_at(address))
        with smtplib.LMTP(path.path) as client:
            code, _ = client.noop()

    assert code == 250


def test_a_socket_that_a_killed_listener_left_is_taken_over(
    room: ListenerFolder, tmp_path: Path
) -> None:
    path = str(tmp_path / "lmtp")
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(path)

    with room.listening(ListenAddress(path=path, lmtp=True)), smtplib.LMTP(path) as client:
        code, _ = client.noop()

    assert code == 250


def test_a_file_that_is_no_socket_is_never_removed(room: ListenerFolder, tmp_path: Path) -> None:
    path = tmp_path / "precious"
    path.write_text("words")
    listener = Listener(TOKENS, room.put, lmtp=True)

    with pytest.raises(SettingsError, match="cannot listen"):
        asyncio.run(
            listen(
                ListenAddress(path=str(path), lmtp=True),
                listener,
                asyncio.Event(),
                name="x.example",
            )
        )

    assert path.read_text() == "words"


def test_the_process_says_in_one_line_why_it_cannot_listen(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        for setting, text in (("", "BOUNCE_LISTEN names no place"), (place, "in use")):
            tried = subprocess.run(
                [sys.executable, "-m", "mailer.receipts.incoming.listener"],
                cwd=ROOT,
                env={**os.environ, "DATA_DIR": str(tmp_path), "BOUNCE_LISTEN": setting},
                capture_output=True,
                text=True,
                timeout=30,
                check=False,
            )

            assert tried.returncode == 1
            assert text in tried.stderr
            assert len(tried.stderr.splitlines()) == 1
