"""The web server: granian in front of the application, as one process group."""

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from mailer import supervision
from mailer.settings.environment import load


def run() -> None:
    """Serve until SIGTERM."""
    settings = load()
    supervision.die_with_parent()
    Granian(
        "app:create_app",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.web_workers,
        blocking_threads=4,
        websockets=False,
        log_access=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
    ).serve()


if __name__ == "__main__":
    run()
