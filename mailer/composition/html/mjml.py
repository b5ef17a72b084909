"""MJML to HTML: the only module that knows the compiler.

It writes attribute values unescaped and checks nothing, so it is only ever given our own templates,
in which everything anybody wrote is an opaque mark.
"""

import re
from typing import Final

from mjml import mjml_to_html

_INDENT: Final = re.compile(r"\s*\n\s*")
# The compiler takes its own idea of a missing opener; Outlook needs the comment to be well formed.
_OPENER: Final = re.compile(r"<!--\[if !mso><!-->")


def compile_mjml(source: str) -> str:
    """The HTML of an MJML document that includes nothing."""
    assert "<mj-include" not in source, "an include would open files"
    html = str(mjml_to_html(source).html)
    html = _OPENER.sub("<!--[if !mso]><!-->", html)
    return _INDENT.sub("\n", html).strip()
