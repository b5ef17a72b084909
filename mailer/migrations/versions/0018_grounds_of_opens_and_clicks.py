"""Receipts of opens and clicks say why they count as a machine's, and which have one source.

A running old version writes neither, which counts as a person's open or click of no known source.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("receipts", sa.Column("grounds", sa.String(160)))
    op.add_column("receipts", sa.Column("source", sa.String(16)))
    # What older versions called automatic, they did on one of these two grounds.
    op.execute(
        "UPDATE receipts SET grounds = 'privacy-proxy'"
        " WHERE verdict = 'automatic' AND kind IN ('opened', 'clicked')"
    )
    op.create_index("ix_receipts_delivery_id_id", "receipts", ["delivery_id", "id"])
    op.drop_index("ix_receipts_delivery_id", "receipts")
    has_source = sa.text("source IS NOT NULL")
    op.create_index(
        "ix_receipts_source_id",
        "receipts",
        ["source", "id"],
        sqlite_where=has_source,
        postgresql_where=has_source,
    )


def downgrade() -> None:
    op.drop_index("ix_receipts_source_id", "receipts")
    op.create_index("ix_receipts_delivery_id", "receipts", ["delivery_id"])
    op.drop_index("ix_receipts_delivery_id_id", "receipts")
    with op.batch_alter_table("receipts") as table:
        table.drop_column("source")
        table.drop_column("grounds")
