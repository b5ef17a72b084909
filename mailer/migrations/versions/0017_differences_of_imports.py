"""A column that tells rows which were taken from those that were left out.

A running old version sees a column more. What it finds wrong with a row stays a row to fix; it
lists differences of imports by the new version among those.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "import_problems",
        sa.Column("row_taken", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    op.execute("DELETE FROM import_problems WHERE row_taken")
    with op.batch_alter_table("import_problems") as table:
        table.drop_column("row_taken")
