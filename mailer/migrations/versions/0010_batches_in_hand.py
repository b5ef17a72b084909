"""An index of the few batches that are in hand.

A running old version sees nothing of it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_IN_HAND = sa.text("courier_id IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_batches_courier_id",
        "batches",
        ["courier_id"],
        postgresql_where=_IN_HAND,
        sqlite_where=_IN_HAND,
    )


def downgrade() -> None:
    op.drop_index("ix_batches_courier_id", "batches")
