"""The pages of operators."""

from mailer.web.admin import home
from mailer.web.admin.contacts import imports, organisations, people, segments, suppressions
from mailer.web.admin.contacts import unreadable_mail as aside
from mailer.web.admin.newsletters import composing, issues, schedules, sending
from mailer.web.admin.reports import issues as reports
from mailer.web.admin.settings import account, relay_tests, relays, senders
from mailer.web.admin.settings import caught_mail as inbox

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
    relays.blueprint,
    relay_tests.blueprint,
)
