"""Tables for mail that pages are asked for, how much of it went, and mailboxes that want none.

A running old version sees three tables more. It goes on asking by itself, without the new caps;
what the new version puts down is answered by workers of the new version.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "mail_requests",
        sa.Column("id", row_id, nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("newsletter_id", row_id, nullable=False),
        sa.Column("contact_id", row_id),
        sa.Column("email", sa.String(998), nullable=False),
        sa.Column("name", sa.String(998), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("network", sa.String(64), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mail_requests"),
        sa.ForeignKeyConstraint(
            ["newsletter_id"], ["newsletters.id"], name="fk_mail_requests_newsletter_id"
        ),
    )
    op.create_table(
        "requested_mail",
        sa.Column("id", row_id, nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("newsletter_id", row_id, nullable=False),
        sa.Column("mailbox", sa.String(64), nullable=False),
        sa.Column("domain", sa.String(64), nullable=False),
        sa.Column("network", sa.String(64), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_requested_mail"),
    )
    op.create_index("ix_requested_mail_at", "requested_mail", ["at"])
    op.create_index("ix_requested_mail_mailbox", "requested_mail", ["mailbox"])
    op.create_index("ix_requested_mail_domain_at", "requested_mail", ["domain", "at"])
    op.create_index("ix_requested_mail_network_at", "requested_mail", ["network", "at"])
    op.create_table(
        "declining_mailboxes",
        sa.Column("id", row_id, nullable=False),
        sa.Column("mailbox", sa.String(64), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_declining_mailboxes"),
        sa.UniqueConstraint("mailbox", name="uq_declining_mailboxes_mailbox"),
    )


def downgrade() -> None:
    op.drop_table("declining_mailboxes")
    op.drop_table("requested_mail")
    op.drop_table("mail_requests")
