"""The tables of who."""

from contacts.models.audit import AuditEntry
from contacts.models.imports import Import, ImportProblem, ImportStatus
from contacts.models.membership import Category, Holders
from contacts.models.people import Contact, Organisation, Role, Tag, contact_roles, contact_tags
from contacts.models.permission import (
    Consent,
    ConsentAct,
    ConsentPurpose,
    Newsletter,
    Subscription,
    SubscriptionStatus,
    Suppression,
    SuppressionReason,
    Wording,
)
from contacts.models.segment import Segment

__all__ = [
    "AuditEntry",
    "Category",
    "Consent",
    "ConsentAct",
    "ConsentPurpose",
    "Contact",
    "Holders",
    "Import",
    "ImportProblem",
    "ImportStatus",
    "Newsletter",
    "Organisation",
    "Role",
    "Segment",
    "Subscription",
    "SubscriptionStatus",
    "Suppression",
    "SuppressionReason",
    "Tag",
    "Wording",
    "contact_roles",
    "contact_tags",
]
