"""People are found by the beginnings of their names and addresses.

A running old version sees two columns more, which it neither reads nor writes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name in ("first_name", "last_name"):
        # SQLite adds only virtual columns to a table, PostgreSQL has only stored ones.
        computed = sa.Computed(f"lower({name})", persisted=not sqlite)
        kind = sa.String(998) if sqlite else sa.String(998, collation="C")
        op.add_column("contacts", sa.Column(f"{name}_key", kind, computed))
    op.create_index("ix_contacts_name_keys", "contacts", ["last_name_key", "first_name_key", "id"])
    op.create_index("ix_contacts_first_name_key", "contacts", ["first_name_key"])
    if not sqlite:
        _index_addresses(postgresql_ops={"address_key": "text_pattern_ops"})


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        _index_addresses()
    op.drop_index("ix_contacts_first_name_key", "contacts")
    op.drop_index("ix_contacts_name_keys", "contacts")
    op.drop_column("contacts", "last_name_key")
    op.drop_column("contacts", "first_name_key")


def _index_addresses(**how: object) -> None:
    op.drop_index("ix_contacts_address_key", "contacts")
    op.create_index("ix_contacts_address_key", "contacts", ["address_key"], **how)
