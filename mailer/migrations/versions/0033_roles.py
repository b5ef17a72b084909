"""Contributors and approvers: today's editors, who approve, are approvers from now on.

A running old version knows neither role, and lets nobody in who has one: stop old processes first.
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_NAMES = sa.table(
    "operator_role_names", sa.column("id"), sa.column("name"), sa.column("description")
)
_HELD = sa.table("operator_roles", sa.column("operator_id"), sa.column("role_id"))


def upgrade() -> None:
    op.execute(sa.update(_NAMES).where(_NAMES.c.name == "editor").values(name="approver"))


def downgrade() -> None:
    # Whoever has a role that the version before does not know gets the nearest that it does.
    connection = op.get_bind()
    for name, nearest in (("approver", "editor"), ("contributor", "viewer")):
        there = sa.select(_NAMES.c.id).where(_NAMES.c.name == nearest)
        if connection.scalar(there) is None:
            connection.execute(sa.insert(_NAMES).values(name=nearest, description=""))
        gone = sa.select(_NAMES.c.id).where(_NAMES.c.name == name)
        connection.execute(
            sa.update(_HELD)
            .where(_HELD.c.role_id.in_(gone))
            .values(role_id=there.scalar_subquery())
        )
        connection.execute(sa.delete(_NAMES).where(_NAMES.c.name == name))
