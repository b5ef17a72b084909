"""What an application compiles, remembered for the next one: most tests make one of their own.

Routes and templates are the same in each, and take a quarter of a second of processor.
"""

from collections.abc import Callable
from typing import Any, Final

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule

from mailer.web import shell


class _Templates(BytecodeCache):
    """Compiled templates by their name and text."""

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if compiled := self._compiled.get(bucket.key):
            bucket.bytecode_from_string(compiled)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._compiled[bucket.key] = bucket.bytecode_to_string()


_TEMPLATES: Final = _Templates()
_BUILDERS: Final[dict[tuple[object, ...], Callable[..., tuple[str, str]]]] = {}


def remember() -> None:
    """Have applications of this process compile each route and each template once."""
    compile_builder = Rule._compile_builder
    add_template_globals = shell.add_template_globals

    def builder(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (rule.rule, tuple(rule._trace), repr(rule.defaults), append_unknown)
        if key not in _BUILDERS:
            _BUILDERS[key] = compile_builder(rule, append_unknown)
        return _BUILDERS[key]

    def with_templates(app: Any) -> None:
        add_template_globals(app)
        app.jinja_env.bytecode_cache = _TEMPLATES

    Rule._compile_builder = builder  # type: ignore[method-assign, assignment]  # what it makes says all it needs
    shell.add_template_globals = with_templates
