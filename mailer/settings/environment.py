"""Settings from the environment: all optional, a bad one reported in one sentence."""

import os
import re
import secrets
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from mailer.errors import SettingsError
from mailer.settings.hosts import Networks, is_loopback, networks_of
from mailer.settings.listen_address import ListenAddress
from mailer.settings.mailbox_address import MailboxAddress
from mailer.settings.relay_address import RelayAddress

ROOT = Path(__file__).resolve().parents[2]


def _split_at_commas(value: Any) -> Any:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


CommaSeparated = Annotated[
    tuple[str, ...], NoDecode, BeforeValidator(_split_at_commas)
]  # with commas between

_SHORTEST_KEY: Final = 32  # octets


class Gate(StrEnum):
    """What happens to an issue whose sender receivers cannot verify."""

    ENFORCE = "enforce"  # it is not launched
    WARN = "warn"  # it is launched, and the page says so
    OPEN = "open"  # mail stays here: nothing is checked


class Settings(BaseSettings):
    """What an installation may set. ``load`` reads it and turns faults into sentences."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True)

    database_url: str = ""
    redis_url: str = ""
    smtp_url: Annotated[RelayAddress | None, NoDecode] = None
    public_url: str = ""
    secret_key: str = ""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    data_dir: Path = ROOT / "var"
    bounce_domain: str = ""
    bounce_listen: Annotated[ListenAddress | None, NoDecode] = None
    bounce_mailbox: Annotated[MailboxAddress | None, NoDecode] = None
    bounce_mailbox_every: int = Field(default=60, ge=5, le=86400)  # seconds
    retry_schedule: Annotated[tuple[int, ...], NoDecode] = (60, 300, 900, 1800, 3600, 7200)
    expire_after: int = Field(default=3 * 24 * 3600, ge=1)
    sending_gate: str = ""
    ses_topics: CommaSeparated = ()
    sendgrid_public_key: str = ""
    mailgun_signing_keys: CommaSeparated = ()
    postmark_secrets: CommaSeparated = ()
    brevo_secrets: CommaSeparated = ()
    connections: int = Field(default=150, ge=1, le=500)
    unseen_link: bool = False
    web_workers: int = Field(default=1, ge=1, le=64)
    trusted_proxies: CommaSeparated = ()

    @field_validator("retry_schedule", mode="before")
    @classmethod
    def _seconds(cls, value: Any) -> Any:
        if isinstance(value, str):
            parts = [part.strip() for part in value.split(",") if part.strip()]
            if not parts or not all(part.isdecimal() for part in parts):
                raise ValueError("write whole seconds with commas between, like 60,300,900")
            return tuple(int(part) for part in parts)
        return value

    @field_validator("bounce_listen", mode="before")
    @classmethod
    def _listen_address(cls, value: Any) -> Any:
        return ListenAddress.parse(value) if isinstance(value, str) else value

    @field_validator("smtp_url", mode="before")
    @classmethod
    def _relay(cls, value: Any) -> Any:
        return (RelayAddress.parse(value) if value else None) if isinstance(value, str) else value

    @field_validator("sending_gate")
    @classmethod
    def _gate(cls, value: str) -> str:
        if value not in {"", Gate.ENFORCE, Gate.WARN}:
            raise ValueError("write enforce or warn")
        return value

    @field_validator("bounce_mailbox", mode="before")
    @classmethod
    def _mailbox(cls, value: Any) -> Any:
        return MailboxAddress.parse(value) if isinstance(value, str) else value

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: str) -> str:
        # Whoever has one link of a mail can try keys on it at home, as many as they like.
        if value and len(value.encode()) < _SHORTEST_KEY:
            raise ValueError(
                f"write at least {_SHORTEST_KEY} characters that nobody can guess, or leave it "
                "out: then one is made and kept in DATA_DIR"
            )
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        networks_of(value)
        return value

    @field_validator("public_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if not value:
            return value
        if not value.startswith(("https://", "http://")):
            raise ValueError("it must start with https:// or http://")
        try:
            parts = urlsplit(value)
            _ = parts.port  # reading it checks it
        except ValueError:
            raise ValueError("it is not an address that a browser could open") from None
        whole = f"{parts.scheme}://{parts.netloc}"
        if value.rstrip("/") != whole or "@" in whole or not parts.hostname:
            raise ValueError(
                "write the scheme and the host alone, like https://news.example.org: no path, no "
                "user, no query"
            )
        if not re.fullmatch(r"[!-~]+", whole):
            raise ValueError("write the host in ASCII, as DNS has it (xn--…)")
        return whole

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        for prefix in ("postgresql://", "postgres://"):
            if value.startswith(prefix):
                return "postgresql+psycopg://" + value.removeprefix(prefix)
        if value and not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("it must start with postgresql:// or sqlite:///")
        return value

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, value: str) -> str:
        if value and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("it must start with redis://, rediss:// or unix://")
        return value

    @property
    def database(self) -> str:
        """The database in use: the one named, or one SQLite file in the data folder."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'circular.db'}"

    @property
    def site(self) -> str:
        """Where people reach this installation, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        host = "localhost" if host in {"127.0.0.1", "0.0.0.0", "[::]", "[::1]"} else host  # noqa: S104
        return self.public_url or f"http://{host}:{self.port}"

    @property
    def proxies(self) -> Networks:
        """Who is believed about the visitor they speak for."""
        return networks_of(self.trusted_proxies)

    @property
    def hello_name(self) -> str:
        """The name this machine greets a relay by: the public one, when there is one."""
        host = urlsplit(self.public_url).hostname or ""
        return host if host and host.isascii() and ":" not in host else "localhost"

    @property
    def limits_url(self) -> str:
        """Where rate limits are counted: in this process, or on Redis for all of them."""
        return self.redis_url.replace("unix://", "redis+unix://", 1) or "memory://"

    @property
    def catching(self) -> bool:
        """Whether mail stays here, because no relay is named."""
        return self.smtp_url is None

    @property
    def gate(self) -> Gate:
        """What happens to an issue of a sender that is not proven, once mail leaves this place."""
        return Gate(self.sending_gate or (Gate.ENFORCE if self.in_public else Gate.WARN))

    @property
    def in_public(self) -> bool:
        """Whether this installation is one that subscribers reach, rather than one on trial."""
        parts = urlsplit(self.public_url)
        return parts.scheme == "https" and not is_loopback(parts.hostname or "localhost")

    @property
    def catcher_port(self) -> int:
        """The catcher listens one port above the web, on loopback only."""
        return self.port + 1 if self.port < 65535 else self.port - 1

    @property
    def relay(self) -> RelayAddress:
        """Where mail is handed over: the relay that is named, or the catcher."""
        return self.smtp_url or RelayAddress("127.0.0.1", self.catcher_port)

    @property
    def spool_dir(self) -> Path:
        """Hits on pixels and links wait here for the database."""
        return self.data_dir / "spool"

    @property
    def caught_dir(self) -> Path:
        """The catcher's mail."""
        return self.data_dir / "caught"

    @property
    def incoming_dir(self) -> Path:
        """Mail that came back waits here to be read."""
        return self.data_dir / "incoming"

    @property
    def loops_dir(self) -> Path:
        """When the loops of this host's workers last turned."""
        return self.data_dir / "loops"

    @property
    def withdrawals_dir(self) -> Path:
        """What people told us to stop waits here for the database."""
        return self.data_dir / "withdrawals"

    @property
    def pictures_dir(self) -> Path:
        """Where pictures lie that pages and mails show."""
        return self.data_dir / "pictures"

    @property
    def uploads_dir(self) -> Path:
        """Files people uploaded, as they were."""
        return self.data_dir / "uploads"

    @cached_property
    def secret(self) -> bytes:
        """The key of every token and session: SECRET_KEY, or one made once and kept."""
        if self.secret_key:
            return self.secret_key.encode()
        return _kept_secret(self.data_dir / "secret.key")


def load() -> Settings:
    """The settings in force; SettingsError is one line that names the setting."""
    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).upper() if first["loc"] else "A setting"
        message = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{name} cannot be used: {message}.") from None
    os.umask(0o077)  # what is kept here is for this user alone
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = settings.data_dir / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise SettingsError(
            f"The data folder {settings.data_dir} cannot be written to ({error.strerror}): "
            "give this user access to it, or name another folder in DATA_DIR."
        ) from None
    return settings


def _kept_secret(path: Path) -> bytes:
    # Several processes may start at once: the first to link its file into place makes the key. A
    # link, unlike an exclusive open, can never show another process half a key.
    if not path.exists():
        mine = path.with_name(f".{path.name}-{os.getpid()}")
        try:
            with os.fdopen(os.open(mine, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(48))
                file.flush()
                os.fsync(file.fileno())  # a power cut must not leave a key without a letter in it
            os.link(mine, path)
        except FileExistsError:
            pass
        except OSError as error:
            raise SettingsError(
                f"The key cannot be kept in the data folder ({error.strerror}): make room there, "
                "or give this user access to it."
            ) from None
        finally:
            mine.unlink(missing_ok=True)
    key = path.read_bytes().strip()
    if len(key) < _SHORTEST_KEY:
        raise SettingsError(
            f"The key in {path.name} in the data folder is too short or empty: put the file back "
            "from a backup. Without it no link in any mail works that was sent before."
        )
    return key
