"""What the documents say is there is there: commands, settings, links, files, decisions."""

import ast
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Final

import click
import pytest
from flask import Flask

from mailer.cli import add_commands
from mailer.models import CampaignStatus, DeliveryStatus
from mailer.settings.environment import Settings
from tests.test_architecture import ROOT

README: Final = ROOT / "README.md"
ARCHITECTURE: Final = ROOT / "docs" / "architecture.md"
GLOSSARY: Final = ROOT / "docs" / "glossary.md"
DECISIONS: Final = sorted((ROOT / "docs" / "decisions").glob("*.md"))
DOCUMENTS: Final = sorted(
    [README, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
)
FOLDERS: Final = "contacts docs mailer templates tests".split()

_LINK: Final = re.compile(r"\]\(([^)\s]+)\)")
_MACHINE: Final = re.compile(r"(?<![\w.:/-])/(?:home|mnt|opt|root|srv|tmp|Users|work)/\S*")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=name)
every_decision = pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.stem)


def prose(document: Path) -> str:
    """The document without its blocks of code."""
    return re.sub(r"^ *```.*?^ *```$", "", document.read_text(), flags=re.DOTALL | re.MULTILINE)


def in_backticks(document: Path) -> list[str]:
    return re.findall(r"`([^`\n]+)`", prose(document))


def commands() -> Iterator[str]:
    """Every command there is, as it is typed behind ``flask``."""
    app = Flask(__name__)
    add_commands(app)
    context = click.Context(app.cli)
    for group_name in app.cli.list_commands(context):
        group = app.cli.get_command(context, group_name)
        if isinstance(group, click.Group):
            yield from (f"{group_name} {each}" for each in group.list_commands(context))
        else:
            yield group_name


def commands_named_in(document: Path) -> set[str]:
    """``relays list\\|add`` names two."""
    named: set[str] = set()
    there = set(commands())
    groups = {each.split()[0] for each in there} - there
    for quoted in in_backticks(document):
        match quoted.replace(r"\|", "|").split():
            case ["flask", "…", *_]:
                continue
            case ["flask", group, moves, *_] if group in groups:
                named.update(f"{group} {each}" for each in moves.split("|"))
            case ["flask", command, *_] if command not in groups:
                named.add(command)
    return named


def settings_in_the_readme() -> set[str]:
    table = README.read_text().partition("## Settings")[2].partition("\n## ")[0]
    first_cells = re.findall(r"^\| ([^|]*) \|", table, re.MULTILINE)
    return {found for cell in first_cells for found in re.findall(r"`([A-Z_]+)`", cell)}


def anchors(document: Path) -> set[str]:
    """What a link may have behind its ``#``: headings as GitHub writes them."""
    headings = re.findall(r"^#+ (.+)$", prose(document), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


def is_broken(document: Path, link: str) -> bool:
    if re.match(r"[a-z]+:", link):
        return False
    path, _, anchor = link.partition("#")
    target = (document.parent / path).resolve() if path else document
    if not target.exists():
        return True
    return bool(anchor) and anchor not in anchors(target)


def files_named_in(document: Path) -> Iterator[tuple[str, str]]:
    """Path, and the function or class behind a colon, of what stands in backticks."""
    for quoted in in_backticks(document):
        found = re.fullmatch(r"([\w./-]+?)(?::(\w+))?", quoted)
        if found is None:
            continue
        path = found[1]
        if (path.split("/")[0] in FOLDERS and "/" in path) or re.fullmatch(r"\w+\.(py|toml)", path):
            yield path, found[2] or ""


def defines(path: Path, wanted: str) -> bool:
    return any(
        isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == wanted
        for node in ast.walk(ast.parse(path.read_text()))
    )


def test_every_command_is_in_the_readme() -> None:
    assert set(commands()) - commands_named_in(README) == set()


@every_document
def test_every_command_a_document_names_is_there(document: Path) -> None:
    assert commands_named_in(document) - set(commands()) == set()


def test_the_readme_lists_the_settings_there_are() -> None:
    assert settings_in_the_readme() == {each.upper() for each in Settings.model_fields}


@every_document
def test_every_link_leads_somewhere(document: Path) -> None:
    words = re.sub(r"`[^`\n]*`", "", prose(document))
    broken = [link for link in _LINK.findall(words) if is_broken(document, link)]

    assert broken == []


@every_document
def test_every_file_and_function_a_document_names_is_there(document: Path) -> None:
    missing = [
        f"{path}:{wanted}" if wanted else path
        for path, wanted in files_named_in(document)
        if not (ROOT / path).exists() or (wanted and not defines(ROOT / path, wanted))
    ]

    assert missing == []


def test_the_architecture_names_every_package() -> None:
    packages = {
        f"{name(found.parent)}/"
        for folder in ("contacts", "mailer", "mailer/delivery")
        for found in (ROOT / folder).glob("*/__init__.py")
    }
    named = set(in_backticks(ARCHITECTURE))

    assert len(packages) > 25
    # The parts of delivery speak for the whole.
    assert packages - named - {"mailer/delivery/"} == set()


@every_decision
def test_a_decision_is_one_page_with_a_status_and_a_date(decision: Path) -> None:
    lines = decision.read_text().splitlines()
    headings = [line.removeprefix("## ") for line in lines if line.startswith("## ")]

    assert len(lines) <= 70
    assert lines[0].startswith(f"# {int(decision.name[:4])}. ")
    assert re.fullmatch(r"- Status: (proposed|accepted|superseded by \d+)", lines[2])
    date = r"\d{4}-\d\d-\d\d"
    assert re.fullmatch(rf"- Date: {date}(, last changed {date})?", lines[3])
    assert headings == ["Context", "Decision", "Consequences", "Alternatives"]


def test_decisions_are_numbered_one_by_one() -> None:
    assert [int(each.name[:4]) for each in DECISIONS] == list(range(1, len(DECISIONS) + 1))


@every_document
def test_no_document_names_a_path_of_a_machine(document: Path) -> None:
    assert _MACHINE.findall(document.read_text()) == []


def test_pictures_are_small() -> None:
    pictures = list((ROOT / "docs" / "screenshots").iterdir())

    assert {each.suffix for each in pictures} == {".png"}
    assert [name(each) for each in pictures if each.stat().st_size >= 200_000] == []
    assert [name(each) for each in pictures if name(each) not in README.read_text()] == []


@every_document
def test_lines_are_no_longer_than_a_hundred_characters(document: Path) -> None:
    """But for rows of tables, which can't be broken, and code."""
    long = [line for line in prose(document).splitlines() if len(line) > 100 and line[0] != "|"]

    assert long == []


def test_the_glossary_is_in_order_a_line_a_word() -> None:
    lines = GLOSSARY.read_text().partition("\n- ")[2].splitlines()  # from the first word to the end
    words = re.findall(r"^- \*\*(.+?)\*\*: ", GLOSSARY.read_text(), re.MULTILINE)

    assert len(words) == len(lines)
    assert words == sorted(set(words), key=str.casefold)
    for document in (README, ARCHITECTURE):
        assert "glossary.md" in document.read_text()


@pytest.mark.parametrize("statuses", [CampaignStatus, DeliveryStatus])
def test_the_glossary_explains_every_status(statuses: type[StrEnum]) -> None:
    words = set(re.findall(r"^- \*\*(.+?)\*\*: ", GLOSSARY.read_text(), re.MULTILINE))

    assert {status.value for status in statuses} - words == set()
