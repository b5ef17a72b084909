"""The words that pages have for statuses and reasons."""

REASONS = {
    "no_email": "no email address that mail can reach",
    "do_not_email": "on do-not-email",
    "bounced": "address bounced before",
    "unsubscribed": "unsubscribed",
    "not_confirmed": "not confirmed yet",
    "paused": "taking a break",
    "left_out": "left out by this issue’s audience",
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


# Numbers of a report, as the heading of the list of people behind them has them.
HEARD = {
    "opened": "opened it",
    "opened-automatically": "opened by machines only, not counted",
    "clicked": "clicked",
    "clicked-automatically": "clicked by machines only, not counted",
    "unsubscribed": "unsubscribed",
    "complained": "marked it as spam",
    "bounced": "came back: no such address",
    "returned": "came back for another reason",
    "measured": "let us count opens and clicks",
}


# Why a request counts as a machine's.
GROUNDS = {
    "no-agent": "did not say what program made it",
    "library": "made by a program, not by a browser that somebody looks at",
    "gateway": "named itself as a scanner of mail or pages",
    "network": "came from a mail filter's own network",
    "head": "asked for no content",
    "prefetch": "fetched ahead, before anybody looked",
    "privacy-proxy": "fetched by Apple Mail whether or not anybody read",
    "unseen-link": "followed a link that people cannot see",
    "at-once": "sooner after the mail arrived than anybody reads",
    "burst": "faster than anybody presses links",
    "many-copies": "one program took up the copies of many people at once",
    "same-source": "from a program that had just shown itself to be a machine",
}
