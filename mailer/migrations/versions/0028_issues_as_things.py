"""The month and the kind of an issue, addresses it had before, the bin, and whom it leaves out.

A running old version makes issues of no month, and knows nothing of old addresses: one that was
changed is a page that is not there. It does not know the state of an issue in the bin either, and
fails where it lists one: let nobody use the bin before every process is new. It leaves nobody out whom an issue is to leave out, so nothing of that
kind is sent before either.
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column(
        "campaigns", sa.Column("kind", sa.String(24), nullable=False, server_default="issue")
    )
    op.add_column("campaigns", sa.Column("month", sa.String(7), nullable=True))
    op.add_column("campaigns", sa.Column("binned_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE campaigns SET month = substr(occurrence, 1, 7) WHERE occurrence IS NOT NULL")
    op.create_table(
        "old_addresses",
        sa.Column("newsletter_id", _ID, nullable=False),
        sa.Column("slug", sa.String(80), nullable=False),
        sa.Column("campaign_id", _ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["newsletter_id"], ["newsletters.id"], name="fk_old_addresses_newsletter_id"
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name="fk_old_addresses_campaign_id"
        ),
        sa.PrimaryKeyConstraint("newsletter_id", "slug", name="pk_old_addresses"),
    )
    op.create_table(
        "left_out",
        sa.Column("id", _ID, nullable=False),
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("segment_id", _ID, nullable=True),
        sa.Column("issue_id", _ID, nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name="fk_left_out_campaign_id"),
        sa.ForeignKeyConstraint(["segment_id"], ["segments.id"], name="fk_left_out_segment_id"),
        sa.ForeignKeyConstraint(["issue_id"], ["campaigns.id"], name="fk_left_out_issue_id"),
        sa.PrimaryKeyConstraint("id", name="pk_left_out"),
        sa.UniqueConstraint("campaign_id", "segment_id", name="uq_left_out_campaign_id_segment_id"),
        sa.UniqueConstraint("campaign_id", "issue_id", name="uq_left_out_campaign_id_issue_id"),
    )


def downgrade() -> None:
    # What is in the bin is a draft that somebody skipped, as far as the version before can tell.
    op.execute("UPDATE campaigns SET status = 'skipped' WHERE status = 'binned'")
    op.drop_table("left_out")
    op.drop_table("old_addresses")
    with op.batch_alter_table("campaigns") as table:
        table.drop_column("binned_at")
        table.drop_column("month")
        table.drop_column("kind")
