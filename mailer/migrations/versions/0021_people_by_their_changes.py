"""An index of when people were changed, by which the list of people can be sorted.

A running old version sees nothing of it.
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_contacts_updated_at", "contacts", ["updated_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_contacts_updated_at", table_name="contacts")
