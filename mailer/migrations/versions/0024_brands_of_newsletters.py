"""A table of how newsletters look.

A running old version does not see it, and composes in the look of the product.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    line = sa.String(998)
    op.create_table(
        "newsletter_brands",
        sa.Column(
            "newsletter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("accent", sa.String(7), nullable=False),
        sa.Column("face", sa.String(24), nullable=False),
        sa.Column("logo_on_dark", line, nullable=False),
        sa.Column("logo_on_light", line, nullable=False),
        sa.Column("header_picture", line, nullable=False),
        sa.Column("contact", line, nullable=False),
        sa.Column("website", line, nullable=False),
        sa.Column("archive_url", line, nullable=False),
        sa.Column("privacy_url", line, nullable=False),
        sa.Column("social", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("newsletter_id", name="pk_newsletter_brands"),
        sa.ForeignKeyConstraint(
            ["newsletter_id"], ["newsletters.id"], name="fk_newsletter_brands_newsletter_id"
        ),
    )


def downgrade() -> None:
    op.drop_table("newsletter_brands")
