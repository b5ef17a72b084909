"""Several relays, each with its speed; every attempt that failed is kept; what to do when in doubt.

A running old version sees tables and columns more; it sends by SMTP_URL and minds no speed.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    relays = op.create_table(
        "relays",
        sa.Column("id", number, nullable=False),
        sa.Column("name", sa.String(998), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("from_environment", sa.Boolean(), nullable=False),
        sa.Column("host", sa.String(998), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("tls", sa.String(24), nullable=False),
        sa.Column("verify", sa.Boolean(), nullable=False),
        sa.Column("username", sa.String(998)),
        sa.Column("sealed_password", sa.Text()),
        sa.Column("return_domain", sa.String(998), nullable=False),
        sa.Column("per_second", sa.Double()),
        sa.Column("per_hour", sa.Integer()),
        sa.Column("per_day", sa.Integer()),
        sa.Column("connections", sa.Integer(), nullable=False),
        sa.Column("free_at", moment),
        sa.Column("slowed_to", sa.Double()),
        sa.Column("slowed_at", moment),
        sa.Column("failures", sa.SmallInteger(), nullable=False),
        sa.Column("refused", sa.Boolean(), nullable=False),
        sa.Column("trouble", sa.Text()),
        sa.Column("try_again_at", moment),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_relays"),
    )
    now = datetime.now(UTC)
    op.bulk_insert(relays, [_of_the_environment(now)])
    op.create_table(
        "relay_uses",
        sa.Column("relay_id", number, nullable=False),
        sa.Column("minute", number, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["relay_id"], ["relays.id"], "fk_relay_uses_relay_id_relays", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("relay_id", "minute", name="pk_relay_uses"),
    )
    op.create_table(
        "attempts",
        sa.Column("delivery_id", number, autoincrement=False, nullable=False),
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("relay_id", sa.SmallInteger()),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("reason", sa.String(24)),
        sa.Column("code", sa.SmallInteger()),
        sa.Column("text", sa.Text()),
        sa.PrimaryKeyConstraint("delivery_id", "number", name="pk_attempts"),
    )
    op.add_column("deliveries", sa.Column("relay_id", sa.SmallInteger()))
    op.add_column(
        "campaigns",
        sa.Column("in_doubt", sa.String(24), nullable=False, server_default="leave"),
    )


def downgrade() -> None:
    op.drop_column("campaigns", "in_doubt")
    op.drop_column("deliveries", "relay_id")
    op.drop_table("attempts")
    op.drop_table("relay_uses")
    op.drop_table("relays")


def _of_the_environment(now: datetime) -> dict[str, object]:
    return {
        "name": "SMTP_URL",
        "position": 0,
        "enabled": True,
        "from_environment": True,
        "host": "",
        "port": 25,
        "tls": "none",
        "verify": True,
        "return_domain": "",
        "connections": 250,
        "failures": 0,
        "refused": False,
        "created_at": now,
        "updated_at": now,
    }
