"""Settings: all optional, and a bad one is a sentence that names it."""

from pathlib import Path

import pytest

from mailer.errors import SettingsError
from mailer.settings.environment import Gate, load
from mailer.settings.listen_address import ListenAddress


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    names = "DATABASE_URL REDIS_URL SMTP_URL PUBLIC_URL SECRET_KEY PORT BOUNCE_LISTEN SENDING_GATE"
    for name in names.split():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))


def test_nothing_has_to_be_set(tmp_path: Path) -> None:
    settings = load()

    assert settings.database == f"sqlite:///{tmp_path / 'data' / 'circular.db'}"
    assert settings.catching
    assert settings.site == "http://localhost:8000"
    assert settings.bounce_listen is None


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("PORT", "no", "PORT cannot be used"),
        ("PORT", "99999", "PORT cannot be used"),
        ("RETRY_SCHEDULE", "1,x", "write whole seconds with commas"),
        ("DATABASE_URL", "mysql://x", "must start with postgresql://"),
        ("REDIS_URL", "http://x", "must start with redis://"),
        ("PUBLIC_URL", "example.org", "must start with https://"),
        ("SENDING_GATE", "off", "SENDING_GATE cannot be used: write enforce or warn"),
        ("SECRET_KEY", "changeme", "SECRET_KEY cannot be used: write at least 32 characters"),
        ("SECRET_KEY", " ", "SECRET_KEY cannot be used"),
        ("SMTP_URL", "mx.example", "SMTP_URL cannot be used: begin with smtp:// or smtps://"),
        ("SMTP_URL", "smtp://mx.example:no", "SMTP_URL cannot be used: its host or port"),
        ("BOUNCE_LISTEN", "yes", "BOUNCE_LISTEN cannot be used: write HOST:PORT"),
        ("BOUNCE_LISTEN", ":25", "write HOST:PORT"),
        ("BOUNCE_LISTEN", "a b:25", "write HOST:PORT"),
        ("BOUNCE_LISTEN", "smtp://host:25", "write HOST:PORT"),
        ("BOUNCE_LISTEN", "::1:25", "brackets around an IPv6 address"),
        ("BOUNCE_LISTEN", "localhost:0", "from 1 to 65535"),
        ("BOUNCE_LISTEN", "localhost:65536", "from 1 to 65535"),
        ("BOUNCE_LISTEN", "localhost:²", "from 1 to 65535"),
        ("BOUNCE_LISTEN", f"localhost:{'9' * 5000}", "from 1 to 65535"),
        ("BOUNCE_LISTEN", "lmtp:localhost:25", "port 25 is for SMTP"),
        ("BOUNCE_LISTEN", "/run/lmtp", "write lmtp: before its path"),
        ("BOUNCE_LISTEN", f"lmtp:/{'x' * 200}", "100 octets at most"),
        ("BOUNCE_LISTEN", "lmtp:/run/", "a file's"),
        ("BOUNCE_LISTEN", '{"host": "x"}', "BOUNCE_LISTEN cannot be used"),
    ],
)
def test_a_bad_value_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, text: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError, match=text) as caught:
        load()

    assert "\n" not in str(caught.value)


def test_a_data_folder_that_cannot_be_written_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "file" / "below"))

    with pytest.raises(SettingsError, match="cannot be written to"):
        load()


def test_the_secret_is_made_once_and_kept_private(tmp_path: Path) -> None:
    first, second = load().secret, load().secret

    assert first == second
    assert len(first) >= 32
    assert (tmp_path / "data" / "secret.key").stat().st_mode & 0o077 == 0


def test_postgres_urls_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://user@host/name")

    assert load().database == "postgresql+psycopg://user@host/name"


@pytest.mark.parametrize(
    ("value", "entrance"),
    [
        ("0.0.0.0:25", ListenAddress("0.0.0.0", 25)),
        ("[::]:2525", ListenAddress("::", 2525)),
        ("mx.example.org:25", ListenAddress("mx.example.org", 25)),
        ("lmtp:127.0.0.1:24", ListenAddress("127.0.0.1", 24, lmtp=True)),
        (" lmtp:[::1]:24 ", ListenAddress("::1", 24, lmtp=True)),
        ("lmtp:/run/circular/lmtp", ListenAddress(path="/run/circular/lmtp", lmtp=True)),
    ],
)
def test_bounces_come_in_by_smtp_or_lmtp(
    monkeypatch: pytest.MonkeyPatch, value: str, entrance: ListenAddress
) -> None:
    monkeypatch.setenv("BOUNCE_LISTEN", value)

    assert load().bounce_listen == entrance


@pytest.mark.parametrize(
    ("public", "wish", "gate"),
    [
        ("https://news.example.org", "", Gate.ENFORCE),
        ("https://news.example.org", "warn", Gate.WARN),
        ("", "", Gate.WARN),
        ("http://news.example.org", "", Gate.WARN),
        ("https://localhost:8443", "", Gate.WARN),
        ("https://127.0.0.1", "", Gate.WARN),
        ("https://[::1]:8443", "", Gate.WARN),
        ("", "enforce", Gate.ENFORCE),
    ],
)
def test_the_gate_is_enforced_where_subscribers_are(
    monkeypatch: pytest.MonkeyPatch, public: str, wish: str, gate: Gate
) -> None:
    monkeypatch.setenv("PUBLIC_URL", public)
    monkeypatch.setenv("SENDING_GATE", wish)

    assert load().gate is gate


@pytest.mark.parametrize(
    "wrong",
    [
        "https://news.example.org/path",
        "https://news.example.org/?a=b",
        "https://news.example.org#part",
        "https://news.example.org?",
        "https://vera:secret@news.example.org",
        "https://",
        "https://news.example.org:port",
        "https://caf\u00e9.example",
        "https://news.example.org\n",
        "https://news example.org",
    ],
)
def test_a_public_address_is_a_scheme_and_a_host(
    monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setenv("PUBLIC_URL", wrong)

    with pytest.raises(SettingsError, match=r"^PUBLIC_URL cannot be used: .*\.$") as refused:
        load()

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("written", ["https://news.example.org/", "https://news.example.org:8443"])
def test_a_slash_at_the_end_of_the_public_address_goes(
    monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    monkeypatch.setenv("PUBLIC_URL", written)

    assert load().site == written.rstrip("/")


@pytest.mark.parametrize("left", ["", "\n", "short"])
def test_a_key_that_a_power_cut_left_empty_is_not_used(tmp_path: Path, left: str) -> None:
    settings = load()
    (settings.data_dir / "secret.key").write_text(left)

    with pytest.raises(SettingsError, match="too short or empty: put the file back"):
        _ = settings.secret


def test_what_is_kept_is_for_this_user_alone(tmp_path: Path) -> None:
    settings = load()

    assert len(settings.secret) >= 32
    assert settings.data_dir.stat().st_mode & 0o077 == 0
    (settings.data_dir / "made").touch()
    assert all(path.stat().st_mode & 0o077 == 0 for path in settings.data_dir.iterdir())
