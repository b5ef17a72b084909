"""Settings: all optional, and a bad one is a sentence that names it."""

from pathlib import Path

import pytest

from mailer.errors import SettingsError
from mailer.settings import load


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "SMTP_URL", "PUBLIC_URL", "SECRET_KEY", "PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))


def test_nothing_has_to_be_set(tmp_path: Path) -> None:
    settings = load()

    assert settings.database == f"sqlite:///{tmp_path / 'data' / 'circular.db'}"
    assert settings.catching
    assert settings.site == "http://localhost:8000"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PORT", "no", "PORT cannot be used"),
        ("PORT", "99999", "PORT cannot be used"),
        ("RETRY_SCHEDULE", "1,x", "write whole seconds with commas"),
        ("DATABASE_URL", "mysql://x", "must start with postgresql://"),
        ("REDIS_URL", "http://x", "must start with redis://"),
        ("PUBLIC_URL", "example.org", "must start with https://"),
    ],
)
def test_a_bad_value_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError, match=words) as caught:
        load()

    assert "\n" not in str(caught.value)


def test_a_data_folder_that_cannot_be_written_says_so(
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


def test_heroku_style_urls_are_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://user@host/name")

    assert load().database == "postgresql+psycopg://user@host/name"
