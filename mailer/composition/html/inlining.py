"""Style sheets into style attributes: the only module that knows the inliner.

Some mail programs drop style elements, so each element carries its own style; the sheet stays in
the head as well, for the media queries.
"""

import logging
import re
from collections.abc import Sequence
from typing import Final

from premailer import Premailer

_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_SPACE: Final = re.compile(r"\s*\n\s*")


def inline(html: str, sheets: Sequence[str]) -> str:
    """The HTML with the sheets' rules in its elements' style attributes."""
    # The inliner drops a doctype in lower case, and would spread the compiler's resets for tables
    # over every cell, some 10 kB of them.
    html = html.replace("<!doctype html>", "<!DOCTYPE html>", 1)
    html = html.replace(
        '<style type="text/css">', '<style type="text/css" data-premailer="ignore">'
    )
    plain = [_SPACE.sub("\n", _COMMENT.sub("", sheet)).strip() for sheet in sheets]
    inliner = Premailer(
        html,
        css_text=plain,
        allow_network=False,
        allow_loading_external_files=False,
        keep_style_tags=True,
        strip_important=False,
        disable_validation=True,
        disable_basic_attributes=["width", "height", "align", "valign"],
        cssutils_logging_level=logging.CRITICAL,
    )
    return str(inliner.transform(pretty_print=False))
