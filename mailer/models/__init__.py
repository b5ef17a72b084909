"""The tables of what reaches people and what comes back."""

from mailer.models.answers import GivenAnswer
from mailer.models.approvals import Approval, Comment, Lapse, ReviewCopy
from mailer.models.brands import NewsletterBrand
from mailer.models.campaigns import (
    EDITABLE,
    Campaign,
    CampaignKind,
    CampaignStatus,
    InDoubt,
    LeftOut,
    Link,
    OldAddress,
    Version,
    VersionReason,
)
from mailer.models.checks import AcceptedFinding, CheckedAddress, ElectionPeriod
from mailer.models.corrections import Correction
from mailer.models.deliveries import (
    OPEN,
    Attempt,
    Batch,
    CourierHeartbeat,
    Delivery,
    DeliveryStatus,
    Exclusion,
    SystemMail,
)
from mailer.models.drafts import Change, ChangeKind, ChangeState, Presence
from mailer.models.installation import Installation, Lease
from mailer.models.issue_tests import IssueTest
from mailer.models.operators import (
    ApiToken,
    Operator,
    OperatorRole,
    OperatorSession,
    Power,
    SignInLink,
)
from mailer.models.pictures import LibraryPicture
from mailer.models.receipts import Mailbox, Receipt, ReceiptKind, Spool, SystemMailReceipt, Verdict
from mailer.models.relays import Relay, RelayUse
from mailer.models.requests import DecliningMailbox, MailRequest, RequestedMail, RequestKind
from mailer.models.schedules import Schedule, ScheduleRule, Step, StepKind
from mailer.models.senders import DomainCheck, SigningKey

__all__ = [
    "EDITABLE",
    "OPEN",
    "AcceptedFinding",
    "ApiToken",
    "Approval",
    "Attempt",
    "Batch",
    "Campaign",
    "CampaignKind",
    "CampaignStatus",
    "Change",
    "ChangeKind",
    "ChangeState",
    "CheckedAddress",
    "Comment",
    "Correction",
    "CourierHeartbeat",
    "DecliningMailbox",
    "Delivery",
    "DeliveryStatus",
    "DomainCheck",
    "ElectionPeriod",
    "Exclusion",
    "GivenAnswer",
    "InDoubt",
    "Installation",
    "IssueTest",
    "Lapse",
    "Lease",
    "LeftOut",
    "LibraryPicture",
    "Link",
    "MailRequest",
    "Mailbox",
    "NewsletterBrand",
    "OldAddress",
    "Operator",
    "OperatorRole",
    "OperatorSession",
    "Power",
    "Presence",
    "Receipt",
    "ReceiptKind",
    "Relay",
    "RelayUse",
    "RequestKind",
    "RequestedMail",
    "ReviewCopy",
    "Schedule",
    "ScheduleRule",
    "SignInLink",
    "SigningKey",
    "Spool",
    "Step",
    "StepKind",
    "SystemMail",
    "SystemMailReceipt",
    "Verdict",
    "Version",
    "VersionReason",
]
