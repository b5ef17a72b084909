"""The pages of subscribers: no script, no account, nothing that a GET could change."""

from mailer.web.public import (
    answering,
    archive,
    asking,
    calendar,
    choices,
    joining,
    library,
    online,
    own_choices,
    pictures,
    stories,
    unsubscribing,
)

BLUEPRINTS = (
    unsubscribing.blueprint,
    choices.blueprint,
    own_choices.blueprint,
    answering.blueprint,
    asking.blueprint,
    joining.blueprint,
    online.blueprint,
    archive.blueprint,
    pictures.blueprint,
    calendar.blueprint,
    stories.blueprint,
    library.blueprint,
)
