"""The pages of operators."""

from mailer.web.admin import (
    account,
    aside,
    composing,
    home,
    imports,
    inbox,
    issues,
    organisations,
    people,
    reports,
    schedules,
    segments,
    senders,
    sending,
    suppressions,
)

BLUEPRINTS = (
    home.blueprint,
    issues.blueprint,
    composing.blueprint,
    sending.blueprint,
    schedules.blueprint,
    people.blueprint,
    organisations.blueprint,
    segments.blueprint,
    imports.blueprint,
    suppressions.blueprint,
    aside.blueprint,
    reports.blueprint,
    inbox.blueprint,
    account.blueprint,
    senders.blueprint,
)
