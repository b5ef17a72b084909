"""Whose bank holidays a network keeps, and days off of its own.

A running old version knows of neither, and lets issues go out on any day.
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    nation = sa.Column("nation", sa.String(24), server_default="england-and-wales", nullable=False)
    op.add_column("installation", nation)
    op.create_table(
        "days_off",
        sa.Column("id", _ID, nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("words", sa.String(998), nullable=False),
        sa.Column("yearly", sa.Boolean(), nullable=False),
        sa.Column("works", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_days_off"),
    )


def downgrade() -> None:
    op.drop_table("days_off")
    with op.batch_alter_table("installation") as table:
        table.drop_column("nation")
