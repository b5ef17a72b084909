"""The pages of subscribers: no script, no account, nothing that a GET could change."""

from mailer.web.public import choices, joining, own_choices, pictures, unsubscribing

BLUEPRINTS = (
    unsubscribing.blueprint,
    choices.blueprint,
    own_choices.blueprint,
    joining.blueprint,
    pictures.blueprint,
)
