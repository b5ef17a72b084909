"""Who was asked for stories, by when, and what became of it.

A running old version sees none of it, and reminds nobody.
"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0037"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "story_requests",
        sa.Column("id", _ID, nullable=False),
        sa.Column("title", sa.String(998), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("newsletter_id", _ID, nullable=False),
        sa.Column("campaign_id", _ID, nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("remind_on", sa.Date(), nullable=True),
        sa.Column("thanks", sa.Boolean(), nullable=False),
        sa.Column("asked_by", sa.String(998), nullable=False),
        sa.Column("asked_at", _AT, nullable=False),
        sa.ForeignKeyConstraint(
            ["newsletter_id"], ["newsletters.id"], name="fk_story_requests_newsletter_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_story_requests"),
    )
    op.create_table(
        "story_asks",
        sa.Column("id", _ID, nullable=False),
        sa.Column("request_id", _ID, nullable=False),
        sa.Column("contact_id", _ID, nullable=False),
        sa.Column("organisation_id", _ID, nullable=True),
        sa.Column("left_out", sa.String(24), nullable=True),
        sa.Column("mail_id", _ID, nullable=True),
        sa.Column("chased_at", _AT, nullable=True),
        sa.Column("reminded_at", _AT, nullable=True),
        sa.Column("answered_at", _AT, nullable=True),
        sa.Column("declined_at", _AT, nullable=True),
        sa.Column("item_id", _ID, nullable=True),
        sa.Column("item_revision", sa.Integer(), nullable=True),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("thanked_at", _AT, nullable=True),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["story_requests.id"],
            name="fk_story_asks_request_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name="fk_story_asks_contact_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name="fk_story_asks_organisation_id",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["mail_id"], ["notices.id"], name="fk_story_asks_mail_id", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["library_items.id"], name="fk_story_asks_item_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_story_asks"),
        sa.UniqueConstraint("request_id", "contact_id", name="uq_story_asks_request_id_contact_id"),
    )
    op.create_index("ix_story_asks_contact_id", "story_asks", ["contact_id"])
    op.create_index("ix_story_asks_item_id", "story_asks", ["item_id"])


def downgrade() -> None:
    op.drop_table("story_asks")
    op.drop_table("story_requests")
