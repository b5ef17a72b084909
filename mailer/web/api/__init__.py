"""The API: JSON for programs, which act with an operator's power and look after their own errors.

Nothing here knows a cookie: ``bearer`` is the only way in. So the blueprints are exempt from the
tokens that forms carry.
"""

from mailer.web.api import bearer, campaigns, description, relays
from mailer.web.auth import csrf

BLUEPRINTS = (campaigns.blueprint, relays.blueprint, description.blueprint)
DOORS = {campaigns.blueprint.name: bearer.admit, relays.blueprint.name: bearer.admit}
csrf.exempt(campaigns.blueprint)
csrf.exempt(relays.blueprint)
