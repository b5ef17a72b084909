"""The page of choices, whole or with those alone that take away, and what it says has changed."""

from flask import render_template

from contacts.addresses import masked
from contacts.models import Contact, SubscriptionStatus
from contacts.permission.newsletters import listing
from contacts.permission.preferences import Changed
from contacts.permission.subscriptions import standing_with
from contacts.permission.suppressions import find as suppression_of
from mailer.notices.double_opt_in import COUNTING
from mailer.web.transactions import session


def choices_page(
    contact: Contact, changed: Changed | None = None, *, stop: str, more: str = ""
) -> str:
    """The choices of a person as they stand.

    ``stop`` is where "unsubscribe from everything" is posted. ``more`` is where a link to the whole
    page is asked for; without it, this is the whole page.
    """
    standing = standing_with(session(), contact.id)
    held = suppression_of(session(), contact.address_key or "")
    stopped = held is not None and held.reason == "unsubscribed"
    rows = [
        (
            each,
            not stopped
            and each.id in standing
            and standing[each.id].status is SubscriptionStatus.SUBSCRIBED,
        )
        for each in listing(session())
    ]
    return render_template(
        "public/choices.html",
        whole=not more,
        contact=contact,
        address=masked(contact.address_key) if contact.address_key else "",
        rows=rows,
        gets=[each for each, on in rows if on],
        stopped=stopped,
        counting=COUNTING,
        changed=_sentences(changed) if changed else None,
        held_back=changed is not None and changed.held_back,
        stop=stop,
        more=more,
    )


def _sentences(changed: Changed) -> list[str]:
    """What is different now, for the person who changed it."""
    sentences = [f"You’ll get {each.name}." for each in changed.joined]
    sentences += [f"You won’t get {each.name} any more." for each in changed.left]
    if changed.counted is not None:
        sentences.append(f"We’ve turned {'on' if changed.counted else 'off'} counting.")
    if changed.name is not None:
        sentences.append(f"Your name is now {changed.name}.")
    return sentences or ["Nothing was different from before."]
