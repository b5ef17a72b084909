"""The structure of the code: which module may import what, and how long a module may be."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from statistics import median
from typing import Final

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = sorted(
    path
    for folder in ("contacts", "mailer")
    for path in (ROOT / folder).rglob("*.py")
    if "versions" not in path.parts
)
DOORS = {  # which files may import a library; ** stands for any folders below
    "flask": ["mailer/web/**", "mailer/cli/**"],
    "flask_security": ["mailer/web/**"],
    "flask_wtf": ["mailer/web/**"],
    "limits": ["mailer/web/limits.py"],
    "werkzeug": ["mailer/web/**"],
    "wtforms": ["mailer/web/**"],
    "dramatiq": ["mailer/queue/**", "mailer/worker/**"],
    "redis": ["mailer/queue/broker.py"],
    "granian": ["mailer/web/server.py"],
    "babel": ["mailer/authoring/text/dates.py", "mailer/authoring/text/languages.py"],
    "feedparser": ["mailer/gathering/feeds/reading.py"],
    "mjml": ["mailer/composition/html/mjml.py"],
    "PIL": ["mailer/authoring/pictures/shaping.py"],
    "premailer": ["mailer/composition/html/inlining.py"],
    "dns": ["mailer/domains/nameservers.py"],
    "smtplib": [],
    "imaplib": ["mailer/receipts/incoming/imap/client.py"],
    "socket": [
        "mailer/web/front/sockets.py",
        "mailer/delivery/smtp/socket_wire.py",
        "mailer/receipts/incoming/imap/client.py",
        "mailer/fetching/**",
    ],
    "ssl": [
        "mailer/delivery/smtp/socket_wire.py",
        "mailer/receipts/incoming/imap/client.py",
        "mailer/fetching/wire.py",
    ],
}
ENVIRONMENT = [
    "mailer/settings/environment.py",
    "mailer/supervision.py",
    "mailer/operations/serving.py",
]


@cache
def parsed(path: Path) -> ast.Module:
    """A module's tree, read once for all tests of a process."""
    return ast.parse(path.read_text())


VAGUE = re.compile(r"(^|_)(utils?|helpers?|common|misc|manager|service)$")
TOP = set(
    (
        "app.py worker.py contacts mailer templates tests docs .ci pyproject.toml README.md "
        "Makefile CHANGELOG.md CONTRIBUTING.md LICENSE requirements.txt requirements-dev.txt "
        ".gitignore"
    ).split()
)


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def allowed(name: str, doors: list[str]) -> bool:
    return any(
        name == door or (door.endswith("**") and name.startswith(door[:-2])) for door in doors
    )


@pytest.mark.parametrize("library", sorted(DOORS))
def test_a_library_is_imported_in_its_own_modules_only(library: str) -> None:
    users = [
        name_of(path)
        for path in OURS
        if any(each.split(".")[0] == library for each in imported(path))
    ]

    assert [name for name in users if not allowed(name, DOORS[library])] == []


def test_the_environment_is_read_in_few_places() -> None:
    readers = {name_of(path) for path in OURS if "os.environ" in path.read_text()}

    assert readers <= set(ENVIRONMENT)


def test_the_root_files_import_entry_points_only() -> None:
    for name in ("app.py", "worker.py"):
        modules = {each.split(".")[0] for each in imported(ROOT / name)}
        assert modules <= {"flask", "sys", "typing", "mailer"}


def test_no_module_is_longer_than_400_lines() -> None:
    long = {name_of(path): n for path in OURS if (n := len(path.read_text().splitlines())) > 400}

    assert long == {}


def test_no_module_has_a_name_like_utils() -> None:
    assert [name_of(path) for path in OURS if VAGUE.search(path.stem)] == []


def test_every_module_opens_with_a_sentence() -> None:
    silent = [name_of(path) for path in OURS if not ast.get_docstring(parsed(path))]

    assert silent == []


# What takes a tenth of a second or more, and most commands and processes need none of.
IMPORTED_WHERE_NEEDED: Final = {
    ("mailer/bootstrap.py", "mailer.domains.nameservers"),
    ("mailer/cli/campaign_status.py", "rich.console"),
    ("mailer/cli/campaign_status.py", "rich.progress"),
    ("mailer/composition/html/design.py", "mailer.composition.html.inlining"),
    ("mailer/composition/html/design.py", "mailer.composition.html.mjml"),
    ("mailer/migrations/__init__.py", "alembic"),
    ("mailer/migrations/__init__.py", "alembic.config"),
}


def test_nothing_is_imported_inside_a_function_but_what_takes_long() -> None:
    hidden = {
        (name_of(path), inner.module)
        for path in OURS
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.ImportFrom)
    }

    assert hidden == IMPORTED_WHERE_NEEDED


def test_the_wall_clock_is_read_at_the_doors_only() -> None:
    reading = re.compile(r"datetime\.(now|utcnow|today)\(|date\.today\(")
    readers = {name_of(path) for path in OURS if reading.search(path.read_text())}

    assert readers <= {"mailer/clock.py", "mailer/smtpd/caught_mail.py"}


def test_the_top_level_holds_what_it_is_meant_to() -> None:
    found = {
        path.name for path in ROOT.iterdir() if not path.name.startswith(".") and path.is_file()
    }

    assert found <= TOP


def test_forms_are_read_in_one_place() -> None:
    """What was posted, or asked in a query, becomes a typed value with bounds in forms alone."""
    readers = {
        name_of(path)
        for path in OURS
        if re.search(r"request\.(form|args|values|json|get_json)\b", path.read_text())
    }

    assert readers <= {"mailer/web/forms.py", "mailer/web/api/asking.py"}


def test_views_keep_nothing_by_themselves() -> None:
    """A view calls a use case: it adds no row, runs no statement that writes, sets no field."""
    writing = re.compile(
        r"session\(\)\.(add|delete|merge|flush)\b"
        r"|^from sqlalchemy.* import .*\b(insert|update|delete)\b",
        re.MULTILINE,
    )
    pages = [
        path
        for path in OURS
        if name_of(path).startswith(("mailer/web/admin/", "mailer/web/public/", "mailer/web/api/"))
    ]
    keeping = {name_of(path) for path in pages if writing.search(path.read_text())}
    setting = {
        f"{name_of(path)}:{node.lineno}"
        for path in pages
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Attribute)
        and isinstance(target.value, ast.Name)
        and target.value.id not in {"self", "g", "request", "response"}
    }

    assert len(pages) > 30
    assert keeping == set()
    assert setting == set()


def test_no_folder_is_crowded_and_modules_are_small() -> None:
    """More than 18 modules probably need subfolders; half of all modules have 100 lines."""
    modules = [path for path in OURS if path.name != "__init__.py"]
    folders = Counter(name_of(path.parent) for path in modules)
    lengths = [len(path.read_text().splitlines()) for path in modules]

    assert {folder: number for folder, number in folders.items() if number > 18} == {}
    assert median(lengths) <= 100
    for name in ("app.py", "worker.py"):
        assert len((ROOT / name).read_text().splitlines()) < 60


def test_class_names_are_unique() -> None:
    names = Counter(
        node.name
        for path in OURS
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )

    assert {name: number for name, number in names.items() if number > 1} == {}
