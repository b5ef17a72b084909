"""``flask secrets``: what is kept sealed under SECRET_KEY."""

from pathlib import Path

import click
from flask.cli import AppGroup

from mailer.cli.output import as_json, ready, say, sentences
from mailer.errors import SettingsError
from mailer.operations.key_rotation import rotate as seal_anew
from mailer.security.vault import Vault

secrets = AppGroup("secrets", help="What is kept sealed under SECRET_KEY.")


@secrets.command("rotate")
@click.option(
    "--old-key-file",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file that holds the SECRET_KEY of before, like a kept secret.key.",
)
@as_json
@sentences
def rotate(old_key_file: Path, as_json: bool) -> None:
    """Seal relay passwords and signing keys anew, under the SECRET_KEY in force."""
    here = ready()
    old, new = Vault(_key_in(old_key_file)), Vault(here.settings.secret)
    with here.database.writing() as session:
        counts = seal_anew(session, old=old, new=new)
    text = (
        f"Sealed anew: passwords of relays {counts.relays}, signing keys {counts.signing_keys}. "
        f"{counts.already} were under this key already."
    )
    say(as_json, counts._asdict(), text)


def _key_in(path: Path) -> bytes:
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.") from None
    if not key:
        raise SettingsError(f"{path} is empty.")
    return key
