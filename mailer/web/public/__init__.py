"""The pages of subscribers: no script, no account, nothing that a GET could change."""

from mailer.web.public import choices, joining, unsubscribing

BLUEPRINTS = (unsubscribing.blueprint, choices.blueprint, joining.blueprint)
