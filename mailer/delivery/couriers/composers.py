"""The composers of campaigns that are being sent: made once in a process, and kept while used."""

import threading
from collections import OrderedDict
from typing import Final

from contacts.database import Database
from mailer.campaigns.letters import sent_letter
from mailer.composition.composer import Composer
from mailer.domains.signing_keys import signer_of
from mailer.security.tokens import Tokens
from mailer.security.vault import Vault
from mailer.settings.environment import Settings

_KEPT: Final = 8


class Composers:
    """Composers by campaign; they compose the approved version, whatever the draft says since."""

    def __init__(self, database: Database, tokens: Tokens, settings: Settings) -> None:
        self._database = database
        self._tokens = tokens
        self._settings = settings
        self._vault = Vault(settings.secret)
        self._kept: OrderedDict[int, Composer] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, campaign_id: int) -> Composer:
        """The composer of a campaign that has been launched."""
        with self._lock:
            if campaign_id not in self._kept:
                with self._database.reading() as session:
                    letter = sent_letter(session, campaign_id, settings=self._settings)
                    signer = signer_of(session, letter.sender_address, vault=self._vault)
                self._kept[campaign_id] = Composer(letter, tokens=self._tokens, signer=signer)
            self._kept.move_to_end(campaign_id)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            return self._kept[campaign_id]
