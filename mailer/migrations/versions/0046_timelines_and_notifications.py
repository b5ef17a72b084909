"""Who owns an issue, whose timeline is to be planned again, and what people were told.

Steps of a timeline are known by longer words. A running old version tells nobody of them, and does
not know the new kinds: stop old processes first.
"""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0044"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AT = sa.DateTime(timezone=True)
_OLD_KINDS = ("draft", "launch", "settle", "addresses")


def upgrade() -> None:
    with op.batch_alter_table("campaigns") as table:
        table.add_column(sa.Column("owner_id", _ID, nullable=True))
        # Every issue gets its timeline once the new version runs.
        table.add_column(
            sa.Column("replan", sa.Boolean(), nullable=False, server_default=sa.true())
        )
        table.create_foreign_key(
            "fk_campaigns_owner_id", "operators", ["owner_id"], ["id"], ondelete="SET NULL"
        )
    op.create_index("ix_campaigns_replan", "campaigns", ["replan"])
    with op.batch_alter_table("steps") as table:
        table.alter_column("occurrence", type_=sa.String(40), existing_type=sa.String(16))
    op.create_table(
        "notifications",
        sa.Column("id", _ID, nullable=False),
        sa.Column("operator_id", _ID, nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("occurrence", sa.String(40), nullable=False),
        sa.Column("words", sa.String(998), nullable=False),
        sa.Column("path", sa.String(998), nullable=False),
        sa.Column("at", _AT, nullable=False),
        sa.Column("read_at", _AT, nullable=True),
        sa.ForeignKeyConstraint(
            ["operator_id"],
            ["operators.id"],
            name="fk_notifications_operator_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name="fk_notifications_campaign_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_notifications"),
        sa.UniqueConstraint(
            "operator_id",
            "kind",
            "campaign_id",
            "occurrence",
            name="uq_notifications_operator_id_kind_campaign_id_occurrence",
        ),
    )
    op.create_index(
        "ix_notifications_operator_id_read_at", "notifications", ["operator_id", "read_at"]
    )
    op.create_table(
        "quiet_kinds",
        sa.Column("operator_id", _ID, nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.ForeignKeyConstraint(
            ["operator_id"],
            ["operators.id"],
            name="fk_quiet_kinds_operator_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("operator_id", "kind", name="pk_quiet_kinds"),
    )


def downgrade() -> None:
    op.drop_table("quiet_kinds")
    op.drop_table("notifications")
    kinds = ", ".join(f"'{each}'" for each in _OLD_KINDS)
    op.execute(f"DELETE FROM steps WHERE kind NOT IN ({kinds})")  # noqa: S608  # ours alone
    with op.batch_alter_table("steps") as table:
        table.alter_column("occurrence", type_=sa.String(16), existing_type=sa.String(40))
    op.drop_index("ix_campaigns_replan", table_name="campaigns")
    with op.batch_alter_table("campaigns") as table:
        table.drop_constraint("fk_campaigns_owner_id", type_="foreignkey")
        table.drop_column("replan")
        table.drop_column("owner_id")
