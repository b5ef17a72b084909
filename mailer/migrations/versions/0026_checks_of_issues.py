"""Tables of what checks of issues keep, and the version of an issue that a test was sent of.

A running old version sees none of it: it goes on holding back what it always held back.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("campaigns", sa.Column("tested_version", sa.Integer(), nullable=True))
    op.create_table(
        "accepted_findings",
        sa.Column("id", _ID, nullable=False),
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("block_id", sa.String(64), nullable=False),
        sa.Column("field", sa.String(120), nullable=False),
        sa.Column("accepted_by", sa.String(998), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name="fk_accepted_findings_campaign_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_accepted_findings"),
        sa.UniqueConstraint(
            "campaign_id", "version", "key", name="uq_accepted_findings_campaign_id_version_key"
        ),
    )
    op.create_table(
        "checked_addresses",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("answered", sa.String(16), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("sentence", sa.String(998), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_checked_addresses"),
    )
    op.create_index("ix_checked_addresses_checked_at", "checked_addresses", ["checked_at"])
    op.create_table(
        "election_periods",
        sa.Column("id", _ID, nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("words", sa.String(998), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_election_periods"),
    )


def downgrade() -> None:
    op.drop_table("election_periods")
    op.drop_table("checked_addresses")
    op.drop_table("accepted_findings")
    op.drop_column("campaigns", "tested_version")
