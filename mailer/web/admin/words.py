"""The words that pages have for statuses and reasons."""

REASONS = {
    "no_email": "no email address that mail can reach",
    "do_not_email": "on do-not-email",
    "bounced": "address bounced before",
    "unsubscribed": "unsubscribed",
    "not_confirmed": "not confirmed yet",
    "paused": "taking a break",
    "same_address": "same address as another person",
}


STATUSES = {
    "pending": "waiting",
    "claimed": "waiting, next in line",
    "sending": "being handed over",
    "accepted": "accepted by the mail server",
    "deferred": "will be tried again",
    "refused": "refused",
    "uncertain": "in doubt",
    "stopped": "not sent, it was stopped",
}


# The field's vocabulary of bounces, as people say it.
BOUNCES = {
    "userunknown": "no such person there",
    "hostunknown": "no such domain",
    "hasmoved": "they have moved",
    "notaccept": "the domain takes no mail",
    "mailboxfull": "mailbox full",
    "suspend": "account closed or suspended",
    "expired": "given up after many tries",
    "networkerror": "their mail system could not be reached",
    "systemerror": "their mail system had a fault",
    "systemfull": "their mail system is full",
    "mesgtoobig": "too big for them",
    "exceedlimit": "over a limit of theirs",
    "spamdetected": "taken for spam",
    "virusdetected": "taken for a virus",
    "blocked": "we are blocked there",
    "badreputation": "our sender's reputation is too low there",
    "rejected": "our sender was refused",
    "authfailure": "our sender could not be verified",
    "requireptr": "our server's name could not be verified",
    "norelaying": "their mail system does not serve this address",
    "policyviolation": "against a policy of theirs",
    "securityerror": "against a security rule of theirs",
    "filtered": "filtered on arrival",
    "contenterror": "something in the message was not to their liking",
    "notcompliantrfc": "something in the message was not to their liking",
    "speeding": "we sent too fast",
    "toomanyconn": "we sent too much at once",
    "onhold": "no clear reason was given",
    "undefined": "no reason was given",
    "notmade": "their copy could not be made here",
}
