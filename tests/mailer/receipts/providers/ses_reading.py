"""Reading a request of Amazon SES as the web does, with a certificate at hand."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mailer.receipts.providers import ses
from mailer.receipts.providers.model import (
    Confirmation,
    ProviderEvent,
    SubscriptionEnded,
)
from tests.mailer.receipts.providers.requests import (
    NOW,
    TOPIC,
    certificate,
    sns,
    sns_request,
)


def read(
    request: tuple[Mapping[str, str], bytes],
    pem: bytes = certificate(),
    now: datetime = NOW,
    topics: tuple[str, ...] = (TOPIC,),
) -> tuple[ProviderEvent, ...] | Confirmation | SubscriptionEnded:
    return ses.read(*request, topics=topics, fetch_certificate=lambda url: pem, now=now)


def events(payload: dict[str, Any] | str, **changes: Any) -> tuple[ProviderEvent, ...]:
    found = read(sns_request(sns(payload, **changes)))
    assert isinstance(found, tuple)
    return found
