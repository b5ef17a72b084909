"""Rules every HTML part keeps, whatever it is made of (WCAG 2.2 AA applied to e-mail)."""

import pytest

from mailer.authoring.blocks.catalogue import BLOCK_TYPES, BlockType
from mailer.authoring.brand import Brand
from mailer.authoring.document import Document, check
from mailer.composition.composer import Composer
from mailer.composition.html.design import design_system_mail
from mailer.composition.letter import Letter, SystemMailText
from mailer.composition.parts import resolve
from tests.mailer.composition import standards
from tests.mailer.composition.letters import TOKENS, alice, december_letter, letter
from tests.mailer.composition.reading import html_of, soup
from tests.mailer.composition.samples import PICTURE, SIZE, lacking, sample_document

LIGHT = Brand(
    accent="#1D6B34", face="plain", network_name="Network", logo_on_light=PICTURE, website=PICTURE
)


def every(language: str = "", **changes: object) -> str:
    """Every block in every form, as somebody who sees all of them gets it."""
    made = letter(sample_document(language), pictures={PICTURE: SIZE}, **changes)
    return _shown(made)


def _shown(made: Letter) -> str:
    return Composer(made, tokens=TOKENS, draft=True).html(alice())


def html_of_notice() -> str:
    placed = design_system_mail(
        SystemMailText("Sign in", ("Press.",), "Sign in", "https://a.example/x", "Bye.")
    )
    return "".join(map(str, resolve(placed, public_url="", links={}, counted=False)))


PAGES = {
    "december": html_of(Composer(december_letter(), tokens=TOKENS).compose(alice()).content),
    "every block": every(),
    "every block, Welsh, another brand": every("cy", brand=LIGHT, online=True),
    "every block, Arabic": every("ar"),
    "minimal": html_of(Composer(letter(), tokens=TOKENS).compose(alice()).content),
    "notice": html_of_notice(),
}


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_mail_breaks_no_rule(name: str) -> None:
    assert standards.faults(PAGES[name]) == []


@pytest.mark.parametrize("kind", BLOCK_TYPES.values(), ids=lambda kind: kind.name)
def test_no_rule_needs_a_field_that_may_be_empty(kind: BlockType) -> None:
    if kind.block.pinned or not (blocks := [*lacking(kind)]):
        return  # an issue has it once, and each of its forms is in the pages above
    document = sample_document(blocks=blocks)
    wrong = {problem.block for problem in check(document)}
    fit = Document(tuple(block for block in document.blocks if block.id not in wrong))

    page = _shown(letter(fit, pictures={PICTURE: SIZE}))

    assert len(fit.blocks) > 2

    assert standards.faults(page) == []


@pytest.mark.parametrize(
    ("rule", "right", "wrong"),
    [
        ("language", ' dir="ltr"', ""),
        ("language", 'lang="en-GB"', 'lang=""'),
        ("tables", 'role="presentation" ', ""),
        ("pictures", 'alt="', 'title="'),
        ("pictures", ' height="357"', ""),
        ("headings", "<h2", "<h3"),
        ("headings", "<h1", "<h2"),
        ("emptiness", "Retrofit, street by street</h2>", "</h2>"),
        ("links", "text-decoration:underline", "text-decoration:none"),
        ("text_size", "font-size:14px", "font-size:12px"),
        ("contrast_light", "#45534F", "#9AA5A1"),
        ("contrast_dark", ".b,.paper,.bar{color:#E9F0EE!important}", ""),
        ("contrast_dark", ".sand{background:#2F2714!important}", ""),
        ("styles_kept", 'content="light dark"', 'content="light"'),
        ("outlook", "<v:roundrect", "<v:rect"),
    ],
)
def test_a_fault_in_a_template_breaks_its_rule(rule: str, right: str, wrong: str) -> None:
    assert right in PAGES["december"]

    found = standards.faults(PAGES["december"].replace(right, wrong))

    assert any(fault.startswith(f"{rule}:") for fault in found)


def test_the_preview_text_is_hidden_and_stands_first() -> None:
    page = soup(PAGES["december"])

    hidden = page.select_one(".preheader, div[style^='display:none']")

    assert hidden is not None
    assert hidden.get_text().startswith("What Aldmor learned about retrofit")
    assert page.body is not None
    assert page.body.get_text().strip().startswith("What Aldmor learned")
