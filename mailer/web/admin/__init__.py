"""The pages of operators."""

from mailer.web.admin import components, home, search
from mailer.web.admin.contacts import (
    chosen,
    exports,
    imports,
    organisations,
    people,
    segments,
    suppressions,
    unreadable_mail,
)
from mailer.web.admin.library import featured, feeds, request_form, requests
from mailer.web.admin.library import items as library_items
from mailer.web.admin.library import listing as library
from mailer.web.admin.newsletters import (
    deciding,
    issues,
    pictures,
    schedules,
    sending,
    templates,
    testing,
    wont,
)
from mailer.web.admin.newsletters.composer import (
    blocks,
    checking,
    composing,
    drafts,
    from_library,
)
from mailer.web.admin.newsletters.editing import about, bin, new
from mailer.web.admin.reports import correcting, on_the_mail, polls
from mailer.web.admin.reports import issues as reports
from mailer.web.admin.settings import (
    account,
    brands,
    categories,
    caught_mail,
    days_off,
    election_periods,
    network,
    newsletters,
    operators,
    privacy,
    relay_tests,
    relays,
    senders,
)

BLUEPRINTS = (
    home.blueprint,
    search.blueprint,
    components.blueprint,
    issues.blueprint,
    new.blueprint,
    about.blueprint,
    bin.blueprint,
    checking.blueprint,
    composing.blueprint,
    drafts.blueprint,
    blocks.blueprint,
    from_library.blueprint,
    sending.blueprint,
    testing.blueprint,
    wont.blueprint,
    deciding.blueprint,
    correcting.blueprint,
    schedules.blueprint,
    templates.blueprint,
    library.blueprint,
    library_items.blueprint,
    requests.blueprint,
    request_form.blueprint,
    featured.blueprint,
    feeds.blueprint,
    pictures.blueprint,
    people.blueprint,
    chosen.blueprint,
    organisations.blueprint,
    segments.blueprint,
    exports.blueprint,
    imports.blueprint,
    suppressions.blueprint,
    unreadable_mail.blueprint,
    reports.blueprint,
    polls.blueprint,
    on_the_mail.blueprint,
    caught_mail.blueprint,
    account.blueprint,
    network.blueprint,
    newsletters.blueprint,
    categories.blueprint,
    days_off.blueprint,
    election_periods.blueprint,
    operators.blueprint,
    privacy.blueprint,
    senders.blueprint,
    brands.blueprint,
    relays.blueprint,
    relay_tests.blueprint,
)
