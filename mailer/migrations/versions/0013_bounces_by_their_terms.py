"""Receipts of bounces are called hard and soft, as everywhere in the field.

A running old version cannot read the new values: it fails to show a report, a person or Home where
something has bounced, until it is restarted as the new version. What it writes meanwhile under the
old values is renamed when the migration is run again, down and up.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_TABLES = ("receipts", "notice_receipts")
_NAMES = {"bounced": "hard_bounced", "returned": "soft_bounced"}


def upgrade() -> None:
    _rename(_NAMES)


def downgrade() -> None:
    _rename({new: old for old, new in _NAMES.items()})


def _rename(names: dict[str, str]) -> None:
    for name in _TABLES:
        table = sa.table(name, sa.column("kind", sa.String()))
        for before, after in names.items():
            op.execute(table.update().where(table.c.kind == before).values(kind=after))
