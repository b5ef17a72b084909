"""``flask demo``: an invented network to try things on."""

from flask.cli import AppGroup

from mailer.cli.output import as_json, ready, say, sentences
from mailer.demo import network

demo = AppGroup("demo", help="An invented network to try things on.")


@demo.command("load")
@as_json
@sentences
def load_demo(as_json: bool) -> None:
    """Fill an empty database with an invented network and its December issue."""
    here = ready()
    made = network.load(here)
    say(
        as_json, made, "Made the demo network." if made["loaded"] else "There is data here already."
    )
