"""Test mails of issues, who is in the test group of a newsletter, and the public archive.

A running old version sees two tables more. A test that it carries is a short mail with a link to
the issue, and it shows no archive.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for column in ("archive_on", "archive_segments"):
        op.add_column(
            "newsletters",
            sa.Column(column, sa.Boolean(), nullable=False, server_default=sa.false()),
        )
    op.add_column(
        "newsletters", sa.Column("test_group", sa.Text(), nullable=False, server_default="")
    )
    op.create_table(
        "issue_tests",
        sa.Column("id", _ID, nullable=False),
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("notice_id", _ID, nullable=False),
        sa.Column("category", sa.String(80), nullable=False),
        sa.Column("contact_id", _ID, nullable=True),
        sa.Column("asked_by", sa.String(998), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name="fk_issue_tests_campaign_id"
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name="fk_issue_tests_notice_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_issue_tests"),
        sa.UniqueConstraint("notice_id", name="uq_issue_tests_notice_id"),
    )
    op.create_index("ix_issue_tests_campaign_id", "issue_tests", ["campaign_id"])
    op.create_index("ix_issue_tests_asked_by_at", "issue_tests", ["asked_by", "at"])
    op.create_table(
        "corrections",
        sa.Column("id", _ID, nullable=False),
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(998), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name="fk_corrections_campaign_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_corrections"),
    )
    op.create_index("ix_corrections_campaign_id", "corrections", ["campaign_id"])


def downgrade() -> None:
    op.drop_table("corrections")
    op.drop_table("issue_tests")
    with op.batch_alter_table("newsletters") as table:
        table.drop_column("test_group")
        table.drop_column("archive_segments")
        table.drop_column("archive_on")
