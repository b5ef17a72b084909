"""The audit is structure: whatever moves an issue, a subscription or a suppression writes a line.

Each has few functions that may touch it, and each of those writes; a new one has to be put here.
"""

import ast
from collections.abc import Iterator

import pytest

from tests.test_architecture import OURS, ROOT, name_of, parsed

# What stands for a move, and the functions that may make it, with what each of them must call.
ISSUE = {"mailer/campaigns/moving.py:move": "note"}
SUBSCRIPTION = {
    "contacts/permission/subscriptions.py:ask": "record",
    "contacts/permission/subscriptions.py:subscribe": "record",
    "contacts/permission/subscriptions.py:restore": "record",
    "contacts/permission/subscriptions.py:unsubscribe": "record",
    "contacts/importing/applying/subscriptions.py:subscribe": "_consent",
    "contacts/importing/applying/subscriptions.py:subscribe_known": "_consent",
    "contacts/importing/applying/subscriptions.py:_settle": "_ledger",
    "mailer/demo/people.py:_enter": "_ledger",
}
SUPPRESSION = {
    "contacts/permission/suppressions.py:suppress": "write",
    "contacts/permission/suppressions.py:suppress_all": "write",
    "contacts/permission/suppressions.py:_delete": "write",
    "mailer/demo/people.py:_suppress": "",  # an invented past, of which nobody keeps an audit
}
AUDIT = {"contacts/audit.py:write": "add"}


def functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    for path in OURS:
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.FunctionDef):
                yield f"{name_of(path)}:{node.name}", node


def called(node: ast.AST) -> Iterator[str]:
    """The names of everything that is called: ``move`` for ``campaign.move(…)`` and ``move(…)``."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call):
            match inner.func:
                case ast.Name(id=name) | ast.Attribute(attr=name):
                    yield name


def moves_an_issue(node: ast.AST) -> bool:
    """An assignment to the status of a campaign, whatever the value is called."""
    return any(
        isinstance(target, ast.Attribute)
        and target.attr == "status"
        and isinstance(target.value, ast.Name)
        and target.value.id in {"campaign", "issue"}
        for inner in ast.walk(node)
        if isinstance(inner, ast.Assign)
        for target in inner.targets
    )


def sets_a_status(node: ast.AST, kind: str) -> bool:
    """An assignment of a member of ``kind`` to an attribute called status."""
    for inner in ast.walk(node):
        if not isinstance(inner, ast.Assign):
            continue
        to_status = any(isinstance(t, ast.Attribute) and t.attr == "status" for t in inner.targets)
        names = {each.id for each in ast.walk(inner.value) if isinstance(each, ast.Name)}
        if to_status and kind in names:
            return True
    return False


def writes_to(node: ast.AST, model: str) -> bool:
    """``insert(Model)``, ``update(Model)``, ``delete(Model)``, ``insert_new(…, Model.__table__)``
    or a Model that is made."""
    for inner in ast.walk(node):
        if not isinstance(inner, ast.Call):
            continue
        match inner.func:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                pass
            case _:
                continue
        if name == model:
            return True
        named = {
            each.id for arg in inner.args for each in ast.walk(arg) if isinstance(each, ast.Name)
        }
        if name in {"insert", "update", "delete", "insert_new"} and model in named:
            return True
    return False


def deletes_a_suppression(node: ast.AST) -> bool:
    return any(
        isinstance(inner, ast.Call)
        and isinstance(inner.func, ast.Attribute)
        and inner.func.attr == "delete"
        and any(isinstance(a, ast.Name) and a.id in {"suppression", "held"} for a in inner.args)
        for inner in ast.walk(node)
    )


def touches(node: ast.AST, what: str) -> bool:
    if what == "issue":
        return moves_an_issue(node) or sets_a_status(node, "CampaignStatus")
    if what == "subscription":
        return sets_a_status(node, "SubscriptionStatus") or writes_to(node, "Subscription")
    if what == "suppression":
        return writes_to(node, "Suppression") or deletes_a_suppression(node)
    return writes_to(node, "AuditEntry")


@pytest.mark.parametrize(
    ("what", "allowed"),
    [
        ("issue", ISSUE),
        ("subscription", SUBSCRIPTION),
        ("suppression", SUPPRESSION),
        ("audit", AUDIT),
    ],
)
def test_whatever_moves_it_is_listed_and_writes_a_line(what: str, allowed: dict[str, str]) -> None:
    found = {name: node for name, node in functions() if touches(node, what)}

    assert set(found) == set(allowed)
    silent = [name for name, node in found.items() if allowed[name] not in {"", *called(node)}]
    assert silent == []


def test_every_use_case_that_moves_an_issue_takes_an_actor() -> None:
    """No default, so that nobody can forget it; what the system does by itself says so inside."""
    by_itself = {"finish_if_done", "settle", "send_again_by_policy", "launch_or_hold", "make_draft"}
    campaigns = (ROOT / "mailer" / "campaigns").rglob("*.py")
    missing = [
        f"{path.name}:{node.name}"
        for path in campaigns
        for node in parsed(path).body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and {"move", "note", "note_move", "mark_approved"} & set(called(node))
        and node.name not in by_itself
        and "actor"
        not in {
            argument.arg
            for argument, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
            if default is None
        }
    ]

    assert missing == []
