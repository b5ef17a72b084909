"""``flask database``: the shape of the database."""

from flask.cli import AppGroup

from mailer import migrations
from mailer.cli.output import as_json, mailer, say, sentences

database = AppGroup("database", help="The database's shape.")


@database.command("upgrade")
@as_json
@sentences
def upgrade(as_json: bool) -> None:
    """Bring the database up to date."""
    engine = mailer().database.engine
    migrations.upgrade(engine)
    say(as_json, {"revision": migrations.current(engine)}, "The database is up to date.")
