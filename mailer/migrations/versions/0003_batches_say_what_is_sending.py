"""Batches say which of their rows are being handed over; rows no longer say it themselves.

Stop the workers of an old version first: they claim rows that this version does not see as claimed.
What they held when they were killed goes out again, and what they had begun is in doubt.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("batches", sa.Column("sending_from", number))
    op.add_column("batches", sa.Column("sending_upto", number))
    op.execute("UPDATE deliveries SET status = 'pending' WHERE status = 'claimed'")
    op.execute("UPDATE deliveries SET status = 'uncertain' WHERE status = 'sending'")
    op.execute("UPDATE batches SET courier_id = NULL, nudged_at = NULL WHERE open")


def downgrade() -> None:
    op.drop_column("batches", "sending_upto")
    op.drop_column("batches", "sending_from")
