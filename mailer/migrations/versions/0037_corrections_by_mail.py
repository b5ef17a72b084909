"""Which issue a mail corrects: only whoever got that gets it.

A running old version would send it to everybody on the newsletter: make none before every process
is new.
"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("campaigns") as table:
        table.add_column(sa.Column("corrects_id", _ID, nullable=True))
        table.create_foreign_key("fk_campaigns_corrects_id", "campaigns", ["corrects_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("campaigns") as table:
        table.drop_constraint("fk_campaigns_corrects_id", type_="foreignkey")
        table.drop_column("corrects_id")
