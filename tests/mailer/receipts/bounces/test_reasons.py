"""Words, codes and hosts, and the one reason they come to: a table that anybody can extend."""

import pytest

from mailer.delivery.smtp.phrases import JUDGEMENTS
from mailer.receipts.bounces.vocabulary.reasons import best_status, is_hard, reason_of
from mailer.receipts.bounces.vocabulary.tables import FACTS, FAMILIES, HINTS

VOCABULARY = set(
    """authfailure badreputation blocked contenterror delivered exceedlimit expired feedback
    filtered hasmoved hostunknown mailboxfull mailererror mesgtoobig networkerror norelaying
    notaccept notcompliantrfc onhold policyviolation rejected requireptr securityerror
    spamdetected speeding suspend syntaxerror systemerror systemfull toomanyconn undefined
    userunknown vacation virusdetected""".split()
)

SAID = [
    # Nobody there.
    ("550 5.1.1 <x@a.example>: Recipient address rejected: User unknown", "userunknown"),
    ("550 5.1.1 <x@a.example>... User unknown", "userunknown"),
    ("550 Unknown user", "userunknown"),
    ("550 No such user here", "userunknown"),
    ("550 sorry, no mailbox here by that name (#5.1.1 - chkusr)", "userunknown"),
    ("Sorry, no mailbox here by that name. vpopmail (#5.1.1)", "userunknown"),
    ("550 5.1.1 RESOLVER.ADR.RecipNotFound; not found", "userunknown"),
    ("User x (x@a.example) not listed in Domino Directory", "userunknown"),
    (
        "554 delivery error: dd This user doesn't have a mail.example account (x@a.example) [0]",
        "userunknown",
    ),
    ("550 5.1.1 The email account that you tried to reach does not exist.", "userunknown"),
    ("553 5.3.0 <x@a.example>... Addressee unknown", "userunknown"),
    ("The recipient name is not recognized", "userunknown"),
    ("550 Requested action not taken: mailbox unavailable", "userunknown"),
    ("550 Invalid recipient", "userunknown"),
    ("550 x@a.example is not a valid mailbox", "userunknown"),
    ("unknown or illegal alias: x@a.example", "userunknown"),
    ("550 Recipient x@a.example not found in directory", "userunknown"),
    ("550 account is not known here", "userunknown"),
    ("vdeliver: Invalid or unknown virtual user 'x'", "userunknown"),
    ("511 sorry, no such mailbox", "userunknown"),
    ("Empfänger unbekannt", "userunknown"),
    ("Diese Adresse existiert nicht", "userunknown"),
    ("Destinataire inconnu", "userunknown"),
    ("La dirección no existe", "userunknown"),
    ("宛先のアドレスが見つかりません。", "userunknown"),
    ("Пользователь не найден", "userunknown"),
    ("550 5.1.3 Bad address syntax", "userunknown"),
    ("Recipient unknown, message returned to sender", "userunknown"),
    ("550 No such user, see https://help.example/unknown", "userunknown"),
    ("550 User has moved; please try <y@b.example>", "hasmoved"),
    ("551 User not local", "hasmoved"),
    ("This person is no longer employed here", "hasmoved"),
    # The host.
    (
        "Host or domain name not found. Name service error for name=a.example: Host not found",
        "hostunknown",
    ),
    ("550 5.1.2 Bad destination system address", "hostunknown"),
    ("550 5.4.4 Illegal host/domain name found", "hostunknown"),
    ("all relevant MX records point to non-existent hosts", "hostunknown"),
    ("Sorry, I couldn't find any host named a.example. (#5.1.2)", "hostunknown"),
    ("Unrouteable address", "hostunknown"),
    ("550 Host unknown", "hostunknown"),
    ("556 5.1.10 Domain has a null MX", "notaccept"),
    ("a.example does not accept mail", "notaccept"),
    ("Name service error for name=a.example type=MX: Host not found, try again", "networkerror"),
    ("connect to mx.a.example[192.0.2.1]:25: Connection refused", "networkerror"),
    ("connect to mx.a.example[192.0.2.1]:25: No route to host", "networkerror"),
    ("554 5.4.6 Too many hops 26 (25 max)", "networkerror"),
    ("mail for a.example loops back to myself", "systemerror"),
    ("connect to mx.a.example[192.0.2.1]:25: Connection timed out", "expired"),
    ("Delivery time expired", "expired"),
    ("retry timeout exceeded", "expired"),
    ("Message could not be delivered for 5 days", "expired"),
    # The mailbox, closed or full.
    ("552 5.2.2 Mailbox full", "mailboxfull"),
    ("452 4.2.2 The email account that you tried to reach is over quota", "mailboxfull"),
    ("Error 01373: User's Disk Quota Exceeded.", "mailboxfull"),
    ("The user's space has been used up; mailbox is full", "mailboxfull"),
    ("The number of messages in the mailbox exceeded a limit", "mailboxfull"),
    ("554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException", "mailboxfull"),
    ("Das Postfach ist voll", "mailboxfull"),
    ("La boîte aux lettres du destinataire est pleine", "mailboxfull"),
    ("受信者のメールボックスが一杯です", "mailboxfull"),
    ("550 5.2.1 The email account that you tried to reach is disabled.", "suspend"),
    ("554 delivery error: dd This account has been disabled or discontinued [#102]", "suspend"),
    ("550 Account suspended", "suspend"),
    ("The user(s) account is disabled.", "suspend"),
    ("525 5.7.13 Disabled recipient address", "suspend"),
    # The message.
    ("552 5.3.4 Message size exceeds fixed limit", "mesgtoobig"),
    ("552 Message too large", "mesgtoobig"),
    ("5.2.3 Message exceeds the maximum message size", "mesgtoobig"),
    ("552 5.7.0 Our system detected an infected attachment", "virusdetected"),
    ("554 5.6.0 Message content rejected", "contenterror"),
    ("452 4.5.3 Too many recipients", "exceedlimit"),
    # What filters think of the sender.
    ("554 5.7.1 Message rejected as spam by content scanning", "spamdetected"),
    ("550 5.7.1 Service unavailable; client [192.0.2.9] blocked using bl.example", "blocked"),
    ("554 Your address is on a blacklist", "blocked"),
    ("421 4.7.0 poor reputation", "badreputation"),
    ("550 5.7.1 Relaying denied", "norelaying"),
    ("454 4.7.1 <x@a.example>: Relay access denied", "norelaying"),
    ("550 5.7.26 unauthenticated mail, DMARC fails", "authfailure"),
    ("550 5.7.23 SPF validation failed", "authfailure"),
    ("450 4.7.25 cannot find your reverse hostname", "requireptr"),
    ("530 5.7.0 Must issue a STARTTLS command first", "securityerror"),
    ("451 4.7.1 Greylisted, please try again", "speeding"),
    ("421 too many connections from your host", "toomanyconn"),
    ("550 5.1.8 Sender address rejected: Domain not found", "rejected"),
    ("550 5.1.1 Rejected for policy reasons: no such user", "policyviolation"),
    # Systems.
    ('Command died with status 17: "/usr/lib/filter"', "mailererror"),
    ("mailer error; exit status 75", "mailererror"),
    ("452 4.3.1 Insufficient system storage", "systemfull"),
    ("451 4.3.0 Temporary local problem", "systemerror"),
    ("503 5.5.1 Bad sequence of commands", "syntaxerror"),
    ("550 5.6.7 SMTPUTF8 needed", "notcompliantrfc"),
    ("554 something odd", "onhold"),
    ("", "undefined"),
]


@pytest.mark.parametrize(("text", "reason"), SAID)
def test_a_text_has_one_reason(text: str, reason: str) -> None:
    assert reason_of(text, best_status("", text)) == reason


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("5.1.1", "userunknown"),
        ("5.1.2", "hostunknown"),
        ("5.1.6", "hasmoved"),
        ("5.1.10", "notaccept"),
        ("5.2.1", "suspend"),
        ("5.2.2", "mailboxfull"),
        ("5.2.3", "mesgtoobig"),
        ("4.4.7", "expired"),
        ("4.4.1", "networkerror"),
        ("5.7.1", "policyviolation"),
        ("5.7.20", "authfailure"),
        ("5.7.25", "requireptr"),
        ("5.0.0", "onhold"),
        ("4.1.1", "onhold"),  # not found yet: a check of the address still runs
        ("4.4.4", "networkerror"),
    ],
)
def test_a_status_code_decides_where_the_text_gives_no_reason(status: str, reason: str) -> None:
    assert reason_of("refused", status) == reason


@pytest.mark.parametrize(
    ("host", "text", "reason"),
    [
        ("mx.google.com", "421-4.7.28 unusual rate", "speeding"),
        ("mx.google.com", "550-5.7.23 your address has no name", "requireptr"),
        ("mx.a.example", "550 5.7.23 your address fails", "authfailure"),
        (
            "mx.google.com",
            "552 5.7.0 This message was blocked because of its content",
            "securityerror",
        ),
        (
            "a-example.mail.protection.outlook.com",
            "550 5.4.1 Recipient address rejected: Access denied",
            "userunknown",
        ),
        ("mx.a.example", "550 5.4.1 Recipient address rejected: Access denied", "blocked"),
        ("mx.hotmail.com", "550 5.7.1 your network is on our list (S3140)", "blocked"),
        ("mx.yahoodns.net", "421 4.7.0 [TSS04] deferred", "speeding"),
        ("mx.yahoodns.net", "553 5.7.1 [BL21] not accepted", "blocked"),
        ("mx.docomo.ne.jp", "550 Unknown user (in reply to end of DATA command)", "filtered"),
        ("smtp.facebook.com", "550 5.1.1 RCP-P1 no", "userunknown"),
        ("smtp.facebook.com", "554 5.7.1 POL-P4 no", "spamdetected"),
        ("smtp-in.orange.fr", "550 5.1.1 OFR_416 no", "userunknown"),
        ("cxr.cox.net", "554 IMP - CXBL no", "blocked"),
        ("mx1.comcast.net", "421 4.1.0 RL000001", "speeding"),
        ("mx.qq.com", "550 Mail content denied", "spamdetected"),
    ],
)
def test_a_provider_may_give_a_code_its_own_meaning(host: str, text: str, reason: str) -> None:
    assert reason_of(text, best_status("", text), host) == reason


def test_only_the_loss_of_the_mailbox_is_hard() -> None:
    assert {reason for reason in VOCABULARY if is_hard(reason, "5.0.0", "550")} == {
        "userunknown",
        "hostunknown",
        "hasmoved",
        "notaccept",
    }


@pytest.mark.parametrize(
    "text",
    [
        "550 5.7.1 PTR record does not exist",
        "550 Sender domain does not exist",
        "550 5.1.8 Domain of sender address does not exist",
        "554 The attachment has been removed",
        "550 IP address does not match the SPF record",
        "550 The message has been moved to the quarantine",
        "550 HELO name could not be resolved",
        "550 DKIM signature is not valid in this message",
        "Please verify the addresses and try again. The mailbox is full.",
        "550 5.1.1 Rejected by policy: no such user",
        "450 4.1.1 unverified address: verification in progress",
        "450 4.4.3 Host not found, try again",
        "550 Sender address could not be verified",
        "550 mail from an unknown host is rejected as spam",
        "554 message could not be found in the white list, blocked",
    ],
)
def test_a_fault_of_the_sender_or_a_temporary_one_is_never_hard(text: str) -> None:
    status = best_status("", text)

    assert not is_hard(reason_of(text, status), status, text)


def test_a_host_that_temporarily_takes_no_mail_is_not_hard() -> None:
    assert not is_hard("notaccept", "4.3.2", "421 not accepting mail")


def test_a_generic_status_gives_way_to_the_text() -> None:
    assert best_status("5.0.0", "550 5.1.1 unknown") == "5.1.1"
    assert best_status("5.2.2", "550 5.1.1 unknown") == "5.2.2"
    assert best_status("", "host 5.1.1.9 said nothing") == ""
    assert best_status("5.4.4 (Illegal host)", "") == "5.4.4"


def test_the_tables_use_reasons_of_the_vocabulary_only() -> None:
    used = {reason for table in (FACTS, HINTS) for reason, _ in table}
    used |= {reason for family in FAMILIES for reason, _ in family.rules}

    assert used | JUDGEMENTS <= VOCABULARY


@pytest.mark.parametrize(
    "text",
    [
        "550 the account of the sender does not exist",
        "550 return path does not exist",
        "550 unable to verify sender: user unknown",
        "550 callout verification failed for your address: mailbox unknown",
        "550 mail from nonexistent domain",
        "550 client host name does not exist",
        "550 Backscatter: user unknown at your domain",
        "550 your e-mail address does not exist in our white list",
        "550 5.7.25 host mail.news.example not found",
        "550 5.7.27 Sender domain has null MX",
        "535 5.7.8 no such user",
        "500 unrecognized address format in From header",
        "553 5.1.3 syntax",
        "554 no valid recipients",
        "550 The list does not exist or you are not allowed to post",
        "Il est possible que le groupe n'existe plus.",
        "Please check whether the user unknown to us has moved",
        "550 No such person, see https://check.spamhaus.org/results/?query=192.0.2.7",
    ],
)
def test_a_name_of_ours_that_is_unknown_gives_nobody_up(text: str) -> None:
    status = best_status("", text)

    assert not is_hard(reason_of(text, status), status, text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("host mx.a.example[192.0.2.1] said: 550 Refused (in reply to HELO command)", "blocked"),
        ("SMTP error after EHLO mail.news.example: 550 Refused", "blocked"),
        ("SMTP error after pipelined MAIL FROM:<b@n.example>: 550 No such domain", "rejected"),
        ("host said: 550 user unknown (in reply to MAIL FROM command)", "rejected"),
        (">>> MAIL From:<b@n.example> <<< 553 5.1.1 unknown user", "rejected"),
        ("Connected to 192.0.2.1 but sender was rejected. 550 user unknown", "rejected"),
        ("host said: 550 5.1.1 user unknown (in reply to RCPT TO command)", "userunknown"),
        (">>> RCPT To:<x@a.example> <<< 550 5.1.1 user unknown", "userunknown"),
        (">>> DATA <<< 550 5.1.1 user unknown <<< 503 5.0.0 Need RCPT", "userunknown"),
        (">>> DATA <<< 550 user unknown", "filtered"),
        ("SMTP error after end of data: 550 No such user", "filtered"),
        ("host said: 550 5.1.1 user unknown (in reply to end of DATA command)", "filtered"),
        ("192.0.2.1 failed after I sent the message. 550 user unknown", "filtered"),
        ("An error occurred while sending mail: 550 user unknown", "userunknown"),
        ("Error during connection: 550 user unknown", "userunknown"),
        ("Error while sending data to the host: 550 user unknown", "userunknown"),
        ("host said: 552 mailbox full (in reply to end of DATA command)", "mailboxfull"),
    ],
)
def test_a_reply_is_about_what_its_stage_is_about(text: str, reason: str) -> None:
    assert reason_of(text, best_status("", text)) == reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("550 Recipient address rejected: No relaying from here", "norelaying"),
        ("550 Your mail was classified as spam. What you can do: set up SPF.", "spamdetected"),
        ("550-5.7.1 To reduce the amount of spam, mail without an 550 5.7.1 SPF", "authfailure"),
        ("553 see https://check.spamhaus.org/results/?query=192.0.2.7", "blocked"),
        ("host spam.filter.example said: 550 No such user", "userunknown"),
        ("Mailbox is full. It was in my queue too long", "mailboxfull"),
    ],
)
def test_set_phrases_and_advice_are_no_reasons(text: str, reason: str) -> None:
    assert reason_of(text, best_status("", text)) == reason
