"""What somebody uses, in words."""

import pytest

from mailer.web.devices import device_of

_CHROME = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
_IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1"
)


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
            "Firefox on Linux",
        ),
        (_CHROME.format("Windows NT 10.0; Win64; x64"), "Chrome on Windows"),
        (_CHROME.format("Windows NT 10.0; Win64; x64") + " Edg/140.0.0.0", "Edge on Windows"),
        (_CHROME.format("Linux; Android 15; K"), "Chrome on Android"),
        (_IPHONE, "Safari on iPhone"),
        ("", "A browser"),
        ("<script>alert(1)</script>" * 1_000, "A browser"),
    ],
)
def test_a_device_is_said_in_few_words_of_ours(user_agent: str, words: str) -> None:
    assert device_of(user_agent) == words
