"""The bin: drafts are put into it, and admins remove them for good."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from mailer.campaigns import binning
from mailer.campaigns.verbs import Verb
from mailer.models import Power
from mailer.web.admin.newsletters.finding import issue_of, link
from mailer.web.policy import acting, policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("bin", __name__, url_prefix="/issues/<newsletter>/<slug>")


@blueprint.post("/bin")
@policy(Power.EDITOR)
def put_in(newsletter: str, slug: str) -> ResponseReturnValue:
    """Put it in the bin."""
    issue = issue_of(newsletter, slug)
    binning.put_in_bin(session(), issue.id, actor=acting(), now=this_mailer().clock())
    flash(f"{issue.name} is in the bin. It can be put back for thirty days.", "success")
    return redirect(link("issues.show", issue))


@blueprint.get("/remove")
@policy(Power.ADMIN)
def removing(newsletter: str, slug: str) -> ResponseReturnValue:
    """The question before it is removed for good."""
    issue = issue_of(newsletter, slug)
    Verb.REMOVE.check(issue.status)
    return render_template(
        "admin/confirm.html",
        title=f"Delete {issue.name} for good?",
        from_where="Bin",
        back=url_for("issues.show_all", show="bin"),
        sentences=[
            "Its words, its versions and its steps are deleted: nobody can bring them back.",
            "Pictures stay in the library.",
            "It was sent to nobody, so no link in any mail leads to it.",
        ],
        verb="Delete it for good",
        keep="Leave it in the bin",
    )


@blueprint.post("/remove")
@policy(Power.ADMIN)
def remove(newsletter: str, slug: str) -> ResponseReturnValue:
    """Remove it for good."""
    issue = issue_of(newsletter, slug)
    name = binning.remove(session(), issue.id, actor=acting(), now=this_mailer().clock())
    flash(f"{name} is deleted for good.", "success")
    return redirect(url_for("issues.show_all", show="bin"))
