"""A mail as a page of the web: what stands above it and in its head, whatever the words are."""

from mailer.composition.web_page import Bar, as_page

MAIL = '<html><head><title>T</title></head><body class="x"><p>Hello</p></body></html>'


def test_the_mail_is_the_main_part_below_its_bar() -> None:
    page = as_page(MAIL, Bar("Sent today.", [("Past issues", "/archive/a")], ["Corrected"]))

    assert '<body class="x"><header class="web-bar"' in page
    assert page.index("Sent today.") < page.index("<main><p>Hello</p></main></body>")
    assert '<a href="/archive/a">Past issues</a>' in page


def test_a_mail_without_a_bar_has_nothing_above_it() -> None:
    page = as_page(MAIL, Bar())

    assert '<body class="x"><main>' in page
    assert "web-bar" not in page


def test_hostile_words_stay_words() -> None:
    words = '"><script>alert(1)</script></head><body>'

    page = as_page(MAIL, Bar(words, [(words, words)], [words]), title=words, about=words)

    assert "<script" not in page
    assert page.count("<body") == 1
    assert page.count("</head>") == 1
