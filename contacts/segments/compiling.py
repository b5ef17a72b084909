"""Rules become one condition on contacts, to be put in any SELECT.

Every rule is a set of contact ids or organisation ids that the database works out once, so the
cost of a segment grows with its answer and not with rules times contacts.
"""

from sqlalchemy import ColumnElement, Select, and_, false, not_, or_, select, true

from contacts.models import (
    Category,
    Contact,
    Newsletter,
    Organisation,
    Role,
    Subscription,
    SubscriptionStatus,
    Tag,
    contact_roles,
    contact_tags,
)
from contacts.segments.rules import Group, Rule


def matching(group: Group) -> ColumnElement[bool]:
    """The condition under which a row of ``contacts`` belongs to the segment."""
    conditions = [
        matching(rule) if isinstance(rule, Group) else _condition(rule) for rule in group.rules
    ]
    if not conditions:
        return true()
    return and_(true(), *conditions) if group.match == "all" else or_(false(), *conditions)


def _condition(rule: Rule) -> ColumnElement[bool]:
    holds = _HOLDS[rule.field](rule.values)
    return holds if rule.op == "any_of" else not_(holds)


def _category(slugs: tuple[str, ...]) -> ColumnElement[bool]:
    # A person's category is their organisation's; their own counts only where there is none.
    chosen = select(Category.id).where(Category.slug.in_(slugs))
    through = select(Organisation.id).where(Organisation.category_id.in_(chosen))
    return or_(
        and_(Contact.organisation_id.is_not(None), Contact.organisation_id.in_(through)),
        and_(
            Contact.organisation_id.is_(None),
            Contact.own_category_id.is_not(None),
            Contact.own_category_id.in_(chosen),
        ),
    )


def _organisation(slugs: tuple[str, ...]) -> ColumnElement[bool]:
    chosen = select(Organisation.id).where(Organisation.slug.in_(slugs))
    return and_(Contact.organisation_id.is_not(None), Contact.organisation_id.in_(chosen))


def _among(chosen: Select[int]) -> ColumnElement[bool]:
    return Contact.id.in_(chosen)


def _role(slugs: tuple[str, ...]) -> ColumnElement[bool]:
    return _among(select(contact_roles.c.contact_id).join(Role).where(Role.slug.in_(slugs)))


def _tag(slugs: tuple[str, ...]) -> ColumnElement[bool]:
    return _among(select(contact_tags.c.contact_id).join(Tag).where(Tag.slug.in_(slugs)))


def _newsletter(slugs: tuple[str, ...]) -> ColumnElement[bool]:
    return _among(
        select(Subscription.contact_id)
        .join(Newsletter)
        .where(Newsletter.slug.in_(slugs), Subscription.status == SubscriptionStatus.SUBSCRIBED)
    )


_HOLDS = {
    "category": _category,
    "role": _role,
    "tag": _tag,
    "organisation": _organisation,
    "newsletter": _newsletter,
}
