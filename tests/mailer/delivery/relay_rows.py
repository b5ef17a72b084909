"""Relays beside that of the environment."""

from sqlalchemy import select

from mailer.bootstrap import Mailer
from mailer.clock import now
from mailer.models import Relay
from mailer.settings.relay_address import TlsMode


def another(mailer: Mailer, port: int, **values: object) -> int:
    """A second relay, behind that of the environment; its number."""
    relay = Relay(
        **{
            "name": "Second",
            "position": 1,
            "enabled": True,
            "from_environment": False,
            "host": "127.0.0.1",
            "port": port,
            "tls": TlsMode.NONE,
            "verify": True,
            "return_domain": "",
            "connections": 10,
            "failures": 0,
            "refused": False,
            "created_at": now(),
            "updated_at": now(),
            **values,
        }
    )
    with mailer.database.writing() as session:
        session.add(relay)
        session.flush()
        return relay.id


def the_first(mailer: Mailer) -> Relay:
    with mailer.database.reading() as session:
        return session.scalars(select(Relay).where(Relay.from_environment)).one()
