"""A draft as people work on it: undo, do again, who is here, taking over, and earlier versions."""

from dataclasses import dataclass

from flask import Blueprint, flash, jsonify, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_security import current_user

from contacts.actors import Actor
from mailer.accounts.naming import name_of
from mailer.authoring.comparing import How, compare, compare_documents, count_changes
from mailer.authoring.document import read
from mailer.campaigns import previews
from mailer.campaigns.drafts import presence, undoing, versions
from mailer.campaigns.drafts.blocks import head_of
from mailer.models import Campaign, Power, Version
from mailer.web import forms
from mailer.web.admin.newsletters.finding import issue_of, link
from mailer.web.policy import acting, may, policy
from mailer.web.security import mail_policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("drafts", __name__, url_prefix="/issues/<newsletter>/<slug>")


@dataclass(frozen=True, slots=True)
class _Present:
    block: str = ""


@dataclass(frozen=True, slots=True)
class _Compared:
    against: int | None = None


@blueprint.post("/compose/undo")
@policy(Power.CONTRIBUTOR)
def undo(newsletter: str, slug: str) -> ResponseReturnValue:
    """Take back the person's last step."""
    issue, now = issue_of(newsletter, slug), this_mailer().clock()
    step = undoing.undo(session(), issue.id, actor=acting(), now=now)
    flash(f"Undone: {undoing.words_of(step)}.", "success")
    return redirect(link("composing.show", issue))


@blueprint.post("/compose/redo")
@policy(Power.CONTRIBUTOR)
def redo(newsletter: str, slug: str) -> ResponseReturnValue:
    """Do again what was undone last."""
    issue, now = issue_of(newsletter, slug), this_mailer().clock()
    step = undoing.redo(session(), issue.id, actor=acting(), now=now)
    flash(f"Done again: {undoing.words_of(step)}.", "success")
    return redirect(link("composing.show", issue))


@blueprint.post("/compose/presence")
@policy(Power.CONTRIBUTOR)
def be_here(newsletter: str, slug: str) -> ResponseReturnValue:
    """Say that this person is here; who else is, and whether the issue has moved on."""
    issue, block_id = issue_of(newsletter, slug), forms.read(_Present)[0].block
    now = this_mailer().clock()
    me = current_user.id
    told = presence.be_here(session(), issue.id, me, block_id=block_id, now=now)
    others = presence.others(session(), issue.id, except_for=me, now=now)
    return jsonify(
        {
            "issue": issue.revision,
            "here": [{"name": each.name, "block": each.block_id} for each in others],
            "taken_by": told.taken_by,
            "asked_by": told.asked_by,
        }
    )


@blueprint.post("/compose/<block_id>/ask")
@policy(Power.CONTRIBUTOR)
def ask_to_take_over(newsletter: str, slug: str, block_id: str) -> ResponseReturnValue:
    """Ask whoever is in a block to hand it over."""
    issue, now = issue_of(newsletter, slug), this_mailer().clock()
    asked = presence.ask_to_take_over(session(), issue.id, block_id, actor=acting(), now=now)
    names = ", ".join(asked)
    flash(
        f"{names} can read that you ask for this block." if asked else "Nobody is in it any more.",
        "success",
    )
    return redirect(link("composing.show", issue) + f"#b-{block_id}")


@blueprint.post("/compose/<block_id>/take-over")
@policy(Power.CONTRIBUTOR)
def take_over(newsletter: str, slug: str, block_id: str) -> ResponseReturnValue:
    """Write where somebody else is writing; theirs is kept as a version first."""
    issue, now = issue_of(newsletter, slug), this_mailer().clock()
    presence.take_over(session(), issue.id, block_id, actor=acting(), now=now)
    return redirect(link("composing.show", issue, open=block_id) + f"#b-{block_id}")


@blueprint.get("/versions")
@policy(Power.VIEWER)
def show_versions(newsletter: str, slug: str) -> ResponseReturnValue:
    """Every version that was kept, the newest first, and what changed in each."""
    issue = issue_of(newsletter, slug)
    kept = versions.versions_of(session(), issue.id)
    return render_template(
        "admin/newsletters/versions.html",
        issue=issue,
        versions=[
            (each, _reasons(each), _summary(kept[at + 1] if at + 1 < len(kept) else None, each))
            for at, each in enumerate(kept)
        ],
        edits=issue.writable and may(Power.CONTRIBUTOR),
        asides=undoing.set_aside_in(session(), issue.id),
        name_of=lambda actor: name_of(session(), actor),
    )


@blueprint.get("/versions/<int:number>")
@policy(Power.VIEWER)
def show_version(newsletter: str, slug: str, number: int) -> ResponseReturnValue:
    """One version: the mail it made, and how it differs from the issue now or another version."""
    issue = issue_of(newsletter, slug)
    version = versions.version_of(session(), issue.id, number)
    against = forms.asked(_Compared).against
    other = versions.version_of(session(), issue.id, against) if against else issue
    return render_template(
        "admin/newsletters/version.html",
        issue=issue,
        version=version,
        reasons=_reasons(version),
        against=against,
        versions=[
            each for each in versions.versions_of(session(), issue.id) if each.number != number
        ],
        head=[each for each in compare(_head(version), _head(other)) if each.differs],
        blocks=compare_documents(read(version.document)[0], read(other.document)[0]),
        How=How,
        edits=issue.writable and may(Power.CONTRIBUTOR),
    )


@blueprint.get("/versions/<int:number>/preview")
@policy(Power.VIEWER)
def preview(newsletter: str, slug: str, number: int) -> ResponseReturnValue:
    """The mail as a version makes it."""
    issue = issue_of(newsletter, slug)
    version = versions.version_of(session(), issue.id, number)
    part = previews.preview(session(), this_mailer(), issue, category="", text=version)
    headers = {"Content-Security-Policy": mail_policy(this_mailer().settings.site)}
    return part, headers


@blueprint.post("/versions/<int:number>/restore")
@policy(Power.CONTRIBUTOR)
def restore(newsletter: str, slug: str, number: int) -> ResponseReturnValue:
    """Make the issue say again what it said in this version."""
    issue, now = issue_of(newsletter, slug), this_mailer().clock()
    versions.restore(session(), issue.id, number, actor=acting(), now=now)
    flash(f"The issue says again what it said in version {number}.", "undo")
    return redirect(link("composing.show", issue))


def _head(text: Campaign | Version) -> dict[str, str]:
    if isinstance(text, Campaign):
        return head_of(text)
    return {"subject": text.subject, "preview_text": text.preview_text}


def _reasons(version: Version) -> list[tuple[str, str]]:
    """Why a version was kept, and by whom."""
    return [(each["why"], name_of(session(), Actor.parse(each["by"]))) for each in version.reasons]


def _summary(before: Version | None, version: Version) -> str:
    """What changed since the version before, in a few words."""
    if before is None:
        return "The first version"
    counted = count_changes(read(before.document)[0], read(version.document)[0])
    hows = (How.ADDED, How.REMOVED, How.CHANGED, How.MOVED)
    said = [f"{counted[how]} {how}" for how in hows if counted[how]]
    if before.subject != version.subject:
        said.append("another subject")
    return ", ".join(said).capitalize() or "The same words"
