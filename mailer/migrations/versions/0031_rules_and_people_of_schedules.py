"""The rules of schedules as text, their people, lead times and what they pull in.

A running old version reads columns that are gone and makes no drafts: stop it before. Going down
makes a rule that the version before does not know one of every month on a like day.
"""

from datetime import date, datetime

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0029"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_PULLS_IN = '["events", "ready", "members", "posts", "figures"]'
_ADDED = (
    ("rrule", sa.String(120), ""),
    ("starts_on", sa.Date(), "2026-01-01"),
    ("shift", sa.String(24), "next"),
    ("approvals_needed", sa.String(24), "one"),
    ("ask_days_before", sa.SmallInteger(), "18"),
    ("stories_days_before", sa.SmallInteger(), "9"),
    ("submit_days_before", sa.SmallInteger(), "4"),
    ("approve_days_before", sa.SmallInteger(), "1"),
    ("approve_time", sa.String(5), "12:00"),
    ("late_hours", sa.SmallInteger(), "4"),
    ("unapproved", sa.String(24), "hold"),
    ("pulls_in", sa.JSON(), _PULLS_IN),
)
_PEOPLE = ("owner_id", "backup_id")
_OLD = sa.table(
    "schedules",
    sa.column("id", sa.Integer),
    sa.column("rule", sa.String),
    sa.column("nth", sa.SmallInteger),
    sa.column("weekday", sa.SmallInteger),
    sa.column("created_at", sa.DateTime(timezone=True)),
    sa.column("rrule", sa.String),
    sa.column("starts_on", sa.Date),
    sa.column("draft_days_before", sa.SmallInteger),
    sa.column("ask_days_before", sa.SmallInteger),
    sa.column("stories_days_before", sa.SmallInteger),
)


def upgrade() -> None:
    with op.batch_alter_table("schedules") as table:
        for name, kind, default in _ADDED:
            table.add_column(sa.Column(name, kind, nullable=False, server_default=default))
        for name in _PEOPLE:
            table.add_column(sa.Column(name, _ID, nullable=True))
            table.create_foreign_key(
                f"fk_schedules_{name}", "operators", [name], ["id"], ondelete="SET NULL"
            )
    connection = op.get_bind()
    for row in connection.execute(sa.select(_OLD)).all():
        values = {
            "rrule": _rrule(row.rule, row.nth, row.weekday),
            "starts_on": _day(row.created_at),
            # Who makes the draft late asks for stories late: never before there is a draft.
            "ask_days_before": min(18, row.draft_days_before),
            "stories_days_before": min(9, row.draft_days_before),
        }
        connection.execute(sa.update(_OLD).where(_OLD.c.id == row.id).values(**values))
    with op.batch_alter_table("schedules") as table:
        for name, _, _ in _ADDED:
            table.alter_column(name, server_default=None)
        for name in ("rule", "nth", "weekday"):
            table.drop_column(name)
    op.create_table(
        "schedule_approvers",
        sa.Column("schedule_id", _ID, nullable=False),
        sa.Column("operator_id", _ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["schedule_id"],
            ["schedules.id"],
            name="fk_schedule_approvers_schedule_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"],
            ["operators.id"],
            name="fk_schedule_approvers_operator_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("schedule_id", "operator_id", name="pk_schedule_approvers"),
    )


def downgrade() -> None:
    op.drop_table("schedule_approvers")
    with op.batch_alter_table("schedules") as table:
        table.add_column(sa.Column("rule", sa.String(24), nullable=False, server_default="day"))
        table.add_column(sa.Column("nth", sa.SmallInteger(), nullable=False, server_default="1"))
        table.add_column(sa.Column("weekday", sa.SmallInteger(), nullable=True))
    connection = op.get_bind()
    for row in connection.execute(sa.select(_OLD.c.id, _OLD.c.rrule)).all():
        connection.execute(sa.update(_OLD).where(_OLD.c.id == row.id).values(**_columns(row.rrule)))
    with op.batch_alter_table("schedules") as table:
        table.alter_column("rule", server_default=None)
        table.alter_column("nth", server_default=None)
        for name in _PEOPLE:
            table.drop_constraint(f"fk_schedules_{name}", type_="foreignkey")
            table.drop_column(name)
        for name, _, _ in reversed(_ADDED):
            table.drop_column(name)


def _rrule(rule: str, nth: int, weekday: int | None) -> str:
    if rule == "weekday" and weekday is not None:
        return f"FREQ=MONTHLY;BYDAY={nth}{_DAYS[weekday]}"
    return f"FREQ=MONTHLY;BYMONTHDAY={-1 if nth == 31 else nth}"


def _day(created_at: datetime) -> date:
    return created_at.date()


def _columns(rrule: str) -> dict[str, object]:
    parts = dict(part.split("=", 1) for part in rrule.split(";"))
    by_day = parts.get("BYDAY", "")
    if "," in by_day:  # the first or last working day
        return {"rule": "day", "nth": 31 if parts.get("BYSETPOS") == "-1" else 1, "weekday": None}
    if by_day:
        nth = int(by_day[:-2] or 1)  # of every week: the first of every month
        return {"rule": "weekday", "nth": nth, "weekday": _DAYS.index(by_day[-2:])}
    day = int(parts.get("BYMONTHDAY", 1))
    return {"rule": "day", "nth": 31 if day == -1 else day, "weekday": None}
