"""What is done to a draft step by step, who writes in it, and why its versions were kept.

A running old version counts ``version`` up at every edit, as it did, and leaves ``revision`` as it
is: what it approves stays approved only as long as nobody edits.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column(
        "campaigns", sa.Column("revision", sa.Integer(), nullable=False, server_default="1")
    )
    op.add_column("campaigns", sa.Column("kept_version", sa.Integer(), nullable=True))
    op.add_column(
        "campaigns", sa.Column("version_began_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.execute(
        "UPDATE campaigns SET kept_version = version WHERE EXISTS (SELECT 1 FROM versions"
        " WHERE versions.campaign_id = campaigns.id AND versions.number = campaigns.version)"
    )
    op.add_column("versions", sa.Column("reasons", sa.JSON(), nullable=False, server_default="[]"))
    op.create_table(
        "changes",
        sa.Column("id", _ID, nullable=False),
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("actor", sa.String(998), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("block_id", sa.String(64), nullable=False),
        sa.Column("what", sa.String(998), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.Column("stood_after", sa.String(64), nullable=False),
        sa.Column("stands_after", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name="fk_changes_campaign_id"),
        sa.PrimaryKeyConstraint("id", name="pk_changes"),
    )
    op.create_index("ix_changes_campaign_id_actor", "changes", ["campaign_id", "actor"])
    op.create_table(
        "presences",
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("operator_id", _ID, nullable=False),
        sa.Column("block_id", sa.String(64), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.String(998), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name="fk_presences_campaign_id"),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name="fk_presences_operator_id"),
        sa.PrimaryKeyConstraint("campaign_id", "operator_id", name="pk_presences"),
    )


def downgrade() -> None:
    op.drop_table("presences")
    op.drop_table("changes")
    with op.batch_alter_table("versions") as table:
        table.drop_column("reasons")
    with op.batch_alter_table("campaigns") as table:
        table.drop_column("version_began_at")
        table.drop_column("kept_version")
        table.drop_column("revision")
