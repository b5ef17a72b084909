"""Templates are written like issues: what a schedule kept of its drafts becomes one.

A running old version fails where it reads a schedule: let every process be new before one is made
or comes round. It does not know the state of a template either, and fails where it lists one.
"""

import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_SCHEDULES = sa.table(
    "schedules",
    sa.column("id", _ID),
    sa.column("newsletter_id", _ID),
    sa.column("template", sa.JSON),
    sa.column("template_id", _ID),
)
_CAMPAIGNS = sa.table(
    "campaigns",
    sa.column("id", _ID),
    sa.column("newsletter_id", _ID),
    sa.column("kind", sa.String),
    sa.column("name", sa.String),
    sa.column("slug", sa.String),
    sa.column("status", sa.String),
    sa.column("subject", sa.String),
    sa.column("preview_text", sa.String),
    sa.column("document", sa.JSON),
    sa.column("version", sa.Integer),
    sa.column("created_at", sa.DateTime(timezone=True)),
    sa.column("updated_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    op.add_column("schedules", sa.Column("template_id", _ID, nullable=True))
    here, now = op.get_bind(), datetime.now(UTC)
    for number, newsletter_id, template in here.execute(
        sa.select(_SCHEDULES.c.id, _SCHEDULES.c.newsletter_id, _SCHEDULES.c.template)
    ).all():
        document = json.loads(template) if isinstance(template, str) else template
        made = here.execute(
            sa.insert(_CAMPAIGNS)
            .values(
                newsletter_id=newsletter_id,
                kind="template",
                name=f"Template of schedule {number}",
                slug=f"template-of-schedule-{number}",
                status="template",
                subject="",
                preview_text="",
                document=document,
                version=1,
                created_at=now,
                updated_at=now,
            )
            .returning(_CAMPAIGNS.c.id)
        ).scalar_one()
        here.execute(
            sa.update(_SCHEDULES).where(_SCHEDULES.c.id == number).values(template_id=made)
        )
    with op.batch_alter_table("schedules") as table:
        table.drop_column("template")
        table.alter_column("template_id", existing_type=_ID, nullable=False)
        table.create_foreign_key("fk_schedules_template_id", "campaigns", ["template_id"], ["id"])


def downgrade() -> None:
    op.add_column(
        "schedules", sa.Column("template", sa.JSON(), nullable=False, server_default="{}")
    )
    op.execute(
        "UPDATE schedules SET template = "
        "(SELECT document FROM campaigns WHERE campaigns.id = schedules.template_id)"
    )
    with op.batch_alter_table("schedules") as table:
        table.alter_column("template", existing_type=sa.JSON(), server_default=None)
        table.drop_constraint("fk_schedules_template_id", type_="foreignkey")
        table.drop_column("template_id")
    op.execute("DELETE FROM campaigns WHERE kind = 'template'")
