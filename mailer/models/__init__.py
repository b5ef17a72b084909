"""The tables of what reaches people and what comes back."""

from mailer.models.answers import GivenAnswer
from mailer.models.brands import NewsletterBrand
from mailer.models.campaigns import (
    EDITABLE,
    WRITABLE,
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
from mailer.models.days_off import DaysOff
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
from mailer.models.library import (
    ItemOrigin,
    ItemState,
    LibraryItem,
    LibraryUse,
    StoryAsk,
    StoryRequest,
)
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
from mailer.models.schedules import (
    ApprovalsNeeded,
    PullIn,
    Schedule,
    Shift,
    Step,
    StepKind,
    Unapproved,
    schedule_approvers,
)
from mailer.models.senders import DomainCheck, SigningKey

__all__ = [
    "EDITABLE",
    "OPEN",
    "WRITABLE",
    "AcceptedFinding",
    "ApiToken",
    "ApprovalsNeeded",
    "Attempt",
    "Batch",
    "Campaign",
    "CampaignKind",
    "CampaignStatus",
    "Change",
    "ChangeKind",
    "ChangeState",
    "CheckedAddress",
    "Correction",
    "CourierHeartbeat",
    "DaysOff",
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
    "ItemOrigin",
    "ItemState",
    "Lease",
    "LeftOut",
    "LibraryItem",
    "LibraryPicture",
    "LibraryUse",
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
    "PullIn",
    "Receipt",
    "ReceiptKind",
    "Relay",
    "RelayUse",
    "RequestKind",
    "RequestedMail",
    "Schedule",
    "Shift",
    "SignInLink",
    "SigningKey",
    "Spool",
    "Step",
    "StepKind",
    "StoryAsk",
    "StoryRequest",
    "SystemMail",
    "SystemMailReceipt",
    "Unapproved",
    "Verdict",
    "Version",
    "VersionReason",
    "schedule_approvers",
]
