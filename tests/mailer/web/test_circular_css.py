"""The style sheets and the pages know each other: no rule without use, no class without a rule."""

import re
from pathlib import Path
from typing import Final

import pytest

_ROOT: Final = Path(__file__).parents[3]
_STATIC: Final = _ROOT / "mailer/web/static/css"
_LAYERS: Final = ("tokens", "base", "layout", "components", "pages", "print")
_SHEETS: Final = (*_LAYERS, "composer")  # the last is for one page alone, in the layer of pages
_CSS: Final = re.sub(
    r"/\*.*?\*/",
    "",
    "".join((_STATIC / f"{name}.css").read_text() for name in _SHEETS),
    flags=re.DOTALL,
)
# Classes that no template writes out: categories by their slugs, and tasks by their kinds.
_COMPUTED: Final = {"full", "associate", "affiliate", "supporter", "info"}
_JINJA: Final = re.compile(r"{{.*?}}|{%.*?%}", re.DOTALL)


def _selectors() -> str:
    innermost = re.sub(r"\{[^{}]*\}", ";", _CSS)
    return "\n".join(re.findall(r"[^{};@]+(?=;)", innermost))


def _styled() -> set[str]:
    return set(re.findall(r"\.(-?[a-zA-Z_][\w-]*)", _selectors()))


def _used() -> set[str]:
    """What stands in a class attribute or is handed to a macro as a class or a badge's kind."""
    used = set[str]()
    for path in (_ROOT / "templates").rglob("*.html"):
        source = path.read_text()
        for value in re.findall(r'\bclass="((?:{{.*?}}|{%.*?%}|[^"])*)"', source, re.DOTALL):
            used |= set(_JINJA.sub(" ", value).split())
            # A condition within the attribute has classes in quotes.
            for code in re.findall(r"{{.*?}}", value, re.DOTALL):
                used |= set(re.findall(r"'([a-z-]+)'", code.partition("==")[0]))
        used |= set(re.findall(r'cls="([\w-]+)"', source))
        used |= set(re.findall(r"block (?:body|main)_class %}([\w-]+)", source))
        # press(…, "danger"), badge("…", "good", "✓"), ("…", "wait", "◔"), ("…", "number")
        used |= set(re.findall(r',\s*"([a-z]+)"(?=[),]|,\s*")', source)) & _styled()
    for path in (_ROOT / "mailer/web/static/js").rglob("*.js"):
        source = path.read_text()
        for named in re.findall(r"classList\.\w+\(([^)]*)\)|className: (\"[^\"]*\")", source):
            used |= {
                each
                for text in re.findall(r'"([a-z -]+)"', "".join(named))
                for each in text.split()
            }
    for path in (_ROOT / "mailer/web/static/js").rglob("*.js"):
        written = re.findall(r'\bclass(?:Name)?"?(?::| =) "([^"]*)"', path.read_text())
        used |= set(" ".join(written).split())
    return used


def test_every_class_of_a_page_has_a_rule() -> None:
    assert _used() - _styled() == set()


def test_every_rule_has_a_page() -> None:
    assert _styled() - _used() - _COMPUTED == set()


def test_every_rule_is_in_a_layer() -> None:
    """What is in no layer wins over all of them, whatever the order says."""
    opened = re.findall(r"@layer (\w+) \{", _CSS)
    outside = re.sub(r"@layer \w+ \{.*?\n\}", "", _CSS, flags=re.DOTALL).strip()

    assert outside == f"@layer {', '.join(_LAYERS)};"
    assert sorted({*opened}, key=_LAYERS.index) == list(_LAYERS)


def test_a_page_asks_for_nothing_but_its_own_files() -> None:
    """The policy lets a page have styles and pictures of this site alone."""
    assert "@import" not in _CSS
    assert set(re.findall(r"url\(([^)]*)\)", _CSS)) == {'"../chevron.svg"'}


def test_the_layers_are_named_before_they_are_used() -> None:
    layout = (_ROOT / "templates/layout.html").read_text()

    named = layout.partition("for layer in (")[2].partition(")")[0]
    assert re.findall(r'"(\w+)"', named) == [*_LAYERS]


@pytest.mark.parametrize("name", _SHEETS)
def test_no_rule_swallows_the_next(name: str) -> None:
    """A brace that is missing makes every rule behind it a part of the one before."""
    css = re.sub(r"/\*.*?\*/", "", (_STATIC / f"{name}.css").read_text(), flags=re.DOTALL)
    opened: list[str] = []
    swallowed = []
    for start, mark in re.findall(r"([^{};]*)([{};])", css):
        if mark == "{":
            if opened and not opened[-1].startswith("@"):
                swallowed.append(f"{start.strip()} in {opened[-1]}")
            opened.append(start.strip())
        elif mark == "}":
            opened.pop()

    assert (opened, swallowed) == ([], [])
