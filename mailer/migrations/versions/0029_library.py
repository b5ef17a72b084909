"""What the network has to tell, and in which issues it is told.

A running old version sees none of it, and refuses a draft in which a block says where it came
from as one that it can't read: let nobody add anything from the library before every process is
new.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "library_items",
        sa.Column("id", _ID, nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("title", sa.String(998), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("organisation_id", _ID, nullable=True),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=True),
        sa.Column("words_key", sa.Text(), nullable=False),
        sa.Column("origin", sa.String(24), nullable=False),
        sa.Column("feed", sa.String(64), nullable=True),
        sa.Column("feed_key", sa.String(200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("binned_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_library_items_organisation_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_library_items"),
        sa.UniqueConstraint("feed", "feed_key", name="uq_library_items_feed_feed_key"),
    )
    op.create_index("ix_library_items_kind", "library_items", ["kind", "binned_at"])
    op.create_index("ix_library_items_organisation_id", "library_items", ["organisation_id"])
    op.create_table(
        "library_uses",
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("block_id", sa.String(64), nullable=False),
        sa.Column("item_id", _ID, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name="fk_library_uses_campaign_id"
        ),
        sa.ForeignKeyConstraint(["item_id"], ["library_items.id"], name="fk_library_uses_item_id"),
        sa.PrimaryKeyConstraint("campaign_id", "block_id", "item_id", name="pk_library_uses"),
    )
    op.create_index("ix_library_uses_item_id", "library_uses", ["item_id"])


def downgrade() -> None:
    op.drop_table("library_uses")
    op.drop_table("library_items")
