"""What the formatter of the templates cannot know: forms, policies and words of the pages."""

import re
from pathlib import Path
from typing import Final

import pytest

_ROOT: Final = Path(__file__).parent.parent
_TEMPLATES: Final = sorted((_ROOT / "templates").rglob("*.html"))
_NAMES: Final = [str(path.relative_to(_ROOT / "templates")) for path in _TEMPLATES]
_LONGEST: Final = 160
# An element takes its attributes with it, and those hold Jinja with angle brackets of its own.
_TAG: Final = re.compile(
    r"<(?P<name>[a-z][a-z0-9]*)\b(?P<rest>(?:{{.*?}}|{%.*?%}|\"(?:{{.*?}}|[^\"])*\"|[^>\"{])*)>",
    re.DOTALL,
)
_BLOCKS: Final = frozenset(
    "article aside dd details div dl dt fieldset figure footer form h1 h2 h3 header legend li main "
    "nav ol option p section select table tbody td tfoot th thead tr ul".split()
)
# Flask-Security's form brings its own token.
_OWN_TOKENS: Final = {"admin/sign_in.html"}
# Words of ours, not of anybody else: they may be marked as safe.
_SAFE: Final = {"admin/settings/caught_message.html"}

pytestmark = pytest.mark.parametrize(
    ("name", "path"), list(zip(_NAMES, _TEMPLATES, strict=True)), ids=_NAMES
)


def _source(path: Path) -> str:
    return re.sub(r"{#.*?#}", "", path.read_text(), flags=re.DOTALL)


def _tags(source: str, *names: str) -> list[tuple[str, str]]:
    return [
        (each["name"], each["rest"])
        for each in _TAG.finditer(source)
        if not names or each["name"] in names
    ]


def test_a_line_is_short_and_begins_one_block_at_most(name: str, path: Path) -> None:
    lines = path.read_text().splitlines()

    crowded = [
        line.strip()
        for line in lines
        if len(line) > _LONGEST or sum(tag in _BLOCKS for tag, _ in _tags(line)) > 1
    ]

    assert not crowded


def test_every_form_that_posts_carries_a_token(name: str, path: Path) -> None:
    forms = re.findall(r"<form\b.*?</form>", _source(path), re.DOTALL)
    posting = [form for form in forms if 'method="post"' in form]

    if name in _OWN_TOKENS:
        assert all("hidden_tag()" in form for form in posting)
    else:
        assert not [form for form in posting if "{{ csrf() }}" not in form]


def test_nothing_is_inline_that_the_policy_refuses(name: str, path: Path) -> None:
    source = _source(path)

    assert not _tags(source, "style")
    for _, rest in _tags(source, "script"):  # a module of ours, and nothing within it
        assert re.fullmatch(r""" type="module" src="{{ url_for\('static', [^"]*\) }}\"""", rest)
    assert not [rest for _, rest in _tags(source) if re.search(r"\s(?:style|on[a-z]+)=", rest)]
    assert "javascript:" not in source


def test_nothing_that_others_wrote_is_marked_as_safe(name: str, path: Path) -> None:
    if name not in _SAFE:
        assert not re.search(r"\|\s*safe\b|autoescape\s+false", _source(path))


def test_pictures_and_frames_are_named(name: str, path: Path) -> None:
    source = _source(path)

    assert not [rest for _, rest in _tags(source, "img") if not re.search(r"\balt=", rest)]
    assert not [rest for _, rest in _tags(source, "iframe") if not re.search(r"\btitle=", rest)]


def test_every_label_is_for_a_control(name: str, path: Path) -> None:
    assert not [rest for _, rest in _tags(_source(path), "label") if not re.search(r"\bfor=", rest)]


def test_every_control_has_a_label(name: str, path: Path) -> None:
    source = _source(path)
    labelled = {
        *re.findall(r'<label\b[^>]*?\bfor="([^"]*)"', source),
        *re.findall(r'call field\("([^"]*)"', source),
    }

    nameless = [
        rest
        for _, rest in _tags(source, "input", "select", "textarea")
        if 'type="hidden"' not in rest
        and not {*re.findall(r'\bid="([^"]*)"', rest)} & labelled
        and name != "macros/parts.html"
    ]

    assert not nameless


def test_a_region_is_named_by_an_element_of_its_page(name: str, path: Path) -> None:
    source = _source(path)
    ids = set(re.findall(r'\bid="([^"]*)"', source))

    assert set(re.findall(r'\baria-labelledby="([^"]*)"', source)) <= ids


def test_a_paragraph_holds_no_block(name: str, path: Path) -> None:
    """A browser ends a paragraph before a form, which ``press`` makes, or any other block."""
    paragraphs = re.findall(r"<p\b[^>]*>(.*?)</p>", _source(path), re.DOTALL)

    broken = [
        paragraph.strip()[:60]
        for paragraph in paragraphs
        if "press(" in paragraph or any(tag in _BLOCKS for tag, _ in _tags(paragraph))
    ]

    assert not broken


def test_no_macro_has_the_name_of_one_that_is_imported(name: str, path: Path) -> None:
    """The one that comes last would be called in place of the other, without a word."""
    source = path.read_text()
    imported = re.findall(r'{%-?\s*from "[^"]+" import ([^%]+?)\s*-?%}', source)
    taken = {each.split()[-1] for names in imported for each in names.split(",")}
    made = re.findall(r"{%-?\s*macro\s+(\w+)", source)

    assert not taken & set(made)
    assert len(made) == len(set(made))
