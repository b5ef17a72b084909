"""Whatever comes in: events that keep their promises, or Forged; never anything else."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mailer.receipts.providers import brevo, mailgun, postmark, sendgrid, ses
from mailer.receipts.providers.model import Forged, ProviderEvent
from mailer.receipts.providers.reading import line, moment
from tests.mailer.receipts.providers import test_brevo, test_mailgun, test_postmark, test_sendgrid
from tests.mailer.receipts.providers.requests import (
    MAILGUN_KEY,
    NOW,
    SENDGRID_KEY,
    TOPIC,
    basic,
    certificate,
    mailgun_request,
    sendgrid_request,
    ses_bounce,
    ses_mail,
    sns,
    sns_request,
)

SECRET = "user:password"
texts = st.text(st.characters(), max_size=30) | st.sampled_from(
    ["\ud800", "a\r\nb", "\x00", "<>", "@", "a@b.example", "1e999", "550 5.1.1 x", "9" * 400]
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**18, -(10**18), 10**4000, 2**63])
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
payloads = st.sampled_from(
    [
        ses_bounce(),
        {"eventType": "Complaint", "mail": ses_mail(), "complaint": {"complainedRecipients": [{}]}},
        {"eventType": "Delivery", "mail": ses_mail(), "delivery": {"recipients": ["a@b.example"]}},
        test_sendgrid.event_payload("bounce", type="bounce", status="5.1.1", reason="550 5.1.1 no"),
        test_sendgrid.event_payload("dropped", reason="Invalid"),
        test_mailgun.failed("permanent", code=550, message="5.1.1 no"),
        test_mailgun.event_payload("rejected", reject={"reason": "no"}),
        test_postmark.event_payload(),
        test_postmark.event_payload(RecordType="SubscriptionChange", SuppressSending=True),
        test_brevo.event_payload("hard_bounce", reason="550 5.1.1 no"),
    ]
)


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A good payload with some of its values replaced by anything."""
    copy = json.loads(json.dumps(draw(payloads)))
    for _ in range(draw(st.integers(1, 3))):
        spot: Any = copy
        while True:
            keys = list(spot) if isinstance(spot, dict) else list(range(len(spot)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if not isinstance(spot[key], dict | list) or draw(st.booleans()):
                spot[key] = draw(anything)
                break
            spot = spot[key]
    return copy


def check(read: Callable[[], Iterable[ProviderEvent]]) -> None:
    try:
        events = tuple(read())
    except Forged:
        return
    for event in events:
        assert event.event_id
        assert event.reason
        assert event.at.tzinfo is UTC
        assert event.at <= NOW
        for text in (event.recipient, event.diagnostic, event.status, event.event_id):
            assert text.isprintable()
            assert len(text) <= 1100
        assert len(event.diagnostic) <= 1000
        assert not event.message_id.startswith("<")
        assert len(event.references) <= 20
        for each in (*event.references, *event.references.values()):
            assert each.isprintable()


def readers(payload: Any) -> Iterable[Callable[[], Iterable[ProviderEvent]]]:
    """The payload as genuine requests of all five."""
    octets = json.dumps(payload).encode()
    known = basic(SECRET)

    def amazon() -> Iterable[ProviderEvent]:
        found = ses.read(
            *sns_request(sns(json.dumps(payload))),
            topics=[TOPIC],
            fetch_certificate=lambda url: certificate(),
            now=NOW,
        )
        return found if isinstance(found, tuple) else ()

    yield amazon
    for batch in (payload, [payload]):
        headers, body = sendgrid_request(batch)
        yield lambda headers=headers, body=body: sendgrid.read(  # type: ignore[misc]
            headers, body, public_key=SENDGRID_KEY, now=NOW
        )
    yield (
        lambda: (
            mailgun.read({}, mailgun_request(payload), signing_keys=[MAILGUN_KEY], now=NOW).events
        )
    )
    yield lambda: postmark.read(known, octets, secrets=[SECRET], now=NOW)
    yield lambda: brevo.read(known, octets, secrets=[SECRET], now=NOW)


@given(anything)
def test_a_genuine_request_may_hold_any_json(payload: Any) -> None:
    for read in readers(payload):
        check(read)


@settings(max_examples=300)
@given(mutated())
def test_a_genuine_request_may_be_wrong_anywhere(payload: Any) -> None:
    for read in readers(payload):
        check(read)


@given(st.binary(max_size=60) | st.builds(lambda each: json.dumps(each).encode(), anything))
def test_an_unsigned_body_yields_nothing(body: bytes) -> None:
    known = basic(SECRET)
    check(lambda: postmark.read(known, body, secrets=[SECRET], now=NOW))
    check(lambda: brevo.read(known, body, secrets=[SECRET], now=NOW))
    for read in (
        lambda: ses.read({}, body, topics=[TOPIC], fetch_certificate=lambda url: b"", now=NOW),
        lambda: sendgrid.read({}, body, public_key=SENDGRID_KEY, now=NOW),
        lambda: mailgun.read({}, body, signing_keys=[MAILGUN_KEY], now=NOW),
        lambda: postmark.read({}, body, secrets=[SECRET], now=NOW),
        lambda: brevo.read({}, body, secrets=[SECRET], now=NOW),
    ):
        try:
            raise AssertionError(read())
        except Forged:
            pass


@given(
    st.sampled_from(sorted(sns(""))),
    anything,
)
def test_a_genuine_sns_message_may_have_any_field(name: str, value: Any) -> None:
    request = sns_request(sns(ses_bounce(), **{name: value}))

    def amazon() -> Iterable[ProviderEvent]:
        found = ses.read(
            *request, topics=[TOPIC], fetch_certificate=lambda url: certificate(), now=NOW
        )
        return found if isinstance(found, tuple) else ()

    check(amazon)


@given(st.dictionaries(texts, texts, max_size=3), texts)
def test_headers_may_hold_anything(headers: dict[str, str], value: str) -> None:
    named = {
        **headers,
        "Authorization": f"Basic {value}",
        "X-Twilio-Email-Event-Webhook-Signature": value,
        "X-Twilio-Email-Event-Webhook-Timestamp": value,
    }
    check(lambda: postmark.read(named, b"{}", secrets=[SECRET], now=NOW))
    check(lambda: sendgrid.read(named, b"[]", public_key=SENDGRID_KEY, now=NOW))


@given(anything | st.datetimes().map(str) | st.datetimes(timezones=st.just(UTC)).map(str))
def test_a_time_is_never_in_the_future(value: Any) -> None:
    found = moment(value, now=NOW)

    assert found <= NOW
    assert found.utcoffset() == timedelta(0)


def test_a_time_out_of_range_is_now() -> None:
    assert moment("0001-01-01T00:00:00+14:00", now=NOW) == NOW
    assert moment(1e300, now=NOW) == NOW


@given(anything, st.integers(1, 50))
def test_a_line_is_printable_and_bounded(value: Any, most: int) -> None:
    text = line(value, most)

    assert text.isprintable()
    assert len(text) <= most
    assert text == text.strip()
