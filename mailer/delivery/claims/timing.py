"""How long the threads of a worker process wait for each other, the database and the relays."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds, all of them. The defaults are for real relays; tests pass shorter ones."""

    # A crew
    too_late_after: float = 1.0  # behind its moment, a begun delivery is put back
    campaign_slice: float = 2.0  # after it, another campaign that waits gets the connections
    database_retry: float = 1.0  # until a database that was away is asked again
    envelope_hold: float = 0.35  # that an envelope may delay the content before it

    # A courier
    run: float = 3.0  # on one connection, until it is asked whether the slot may be kept
    write_down_before: float = 0.5  # outcomes are written down before a longer wait
    capped_retry: float = 15.0  # until a batch that met a relay's cap is due again, at most
    repeat_note: float = 5.0  # until the same note is written on a campaign's page again

    # Relays
    relays_fresh: float = 1.0  # that what was read of the relays counts as current
    slot_poll: float = 0.2  # between two looks for a free slot
    # Longer than a lost job takes to come again: some thread always waits to help out.
    slot_patience: float = 3.0  # of a thread without a batch
    slot_patience_with_batch: float = 5.0  # of a thread whose crew has a batch
    relay_retry: float = 5.0  # until relays that say nothing about it are tried again
