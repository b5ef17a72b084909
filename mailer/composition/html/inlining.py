"""Style sheets into style attributes: the only module that knows the inliner.

Some mail programs drop style elements, so each element carries its own style, and the sheets that
were written in are carried no second time. What is in the head by itself stays there.
"""

import logging
import re
from collections.abc import Sequence
from typing import Any, Final

from lxml.cssselect import LxmlTranslator
from premailer import Premailer
from premailer.cache import cache as _parsed

# The inliner keeps 128 parsed rules and sheets. We have more, and it would parse them all again for
# every mail, which is two thirds of the time that one takes.
_parsed._Cache__maxsize = 2_048


def _last_child(_: LxmlTranslator, each: Any) -> Any:
    """An element that none follows. Counting those that do takes hours of a long text: it is done
    for each of them."""
    return each.add_condition("not(following-sibling::*[1])")


def _right_behind(_: LxmlTranslator, left: Any, right: Any) -> Any:
    """An element right behind ``left``, which is a simple selector; it looks back one step, where
    the selector's own way looks at all that follow."""
    condition = f"[{left.condition}]" if left.condition else ""
    before = f"preceding-sibling::*[1][self::{left.element}{condition}]"
    right.path, right.condition = left.path, right.condition
    return right.add_condition(before)


LxmlTranslator.xpath_last_child_pseudo = _last_child
LxmlTranslator.xpath_direct_adjacent_combinator = _right_behind

_STYLES: Final = re.compile(r"<style.*?</style>", re.DOTALL)
_NAMED: Final = re.compile(r"\.([A-Za-z][\w-]*)")
_CLASS: Final = re.compile(r' class="([^"]*)"')
_STYLE: Final = re.compile(r'style="([^"]*)"')
_FRAME: Final = r"(?:</?(?:table|tbody|tr|td|div)\b[^<>]*>|<!--\[if[^<>]*>|<!\[endif\]-->)"
_LINE_END: Final = re.compile(rf"({_FRAME})\n+(?={_FRAME})")  # where no space is ever shown


def inline(html: str, sheets: Sequence[str]) -> str:
    """The HTML with the sheets' rules in its elements' style attributes."""
    # The inliner drops a doctype in lower case, and would spread the compiler's resets for tables
    # over every cell, some 10 kB of them.
    html = html.replace("<!doctype html>", "<!DOCTYPE html>", 1)
    html = html.replace(
        '<style type="text/css">', '<style type="text/css" data-premailer="ignore">'
    )
    inliner = Premailer(
        html,
        css_text=list(sheets),
        allow_network=False,
        allow_loading_external_files=False,
        keep_style_tags=False,
        strip_important=False,
        align_floating_images=False,  # none floats
        disable_validation=True,
        disable_basic_attributes=["width", "height", "align", "valign", "bgcolor"],
        cssutils_logging_level=logging.CRITICAL,
    )
    inlined = str(inliner.transform(pretty_print=False)).replace(' data-premailer="ignore"', "")
    head, end, body = inlined.partition("</head>")
    named = {name for style in _STYLES.findall(head) for name in _NAMED.findall(style)}
    body = _CLASS.sub(lambda found: _kept(found[1], named), body)
    body = _STYLE.sub(lambda found: f'style="{_tight(found[1])}"', body)
    return head + end + _LINE_END.sub(r"\1", body)


def _kept(classes: str, named: set[str]) -> str:
    """The classes that a sheet of the head names; the others have done their work."""
    kept = " ".join(name for name in classes.split() if name in named)
    return f' class="{kept}"' if kept else ""


def _tight(style: str) -> str:
    return style.rstrip(";").replace("; ", ";").replace(": ", ":").replace(", ", ",")
