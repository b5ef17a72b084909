"""The tables of what reaches people and what comes back."""

from mailer.models.brands import NewsletterBrand
from mailer.models.counts import ChangeMark, KeptCount
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
from mailer.models.feeds import Feed, FeedKind
from mailer.models.installation import Installation, Lease
from mailer.models.issues.answers import GivenAnswer
from mailer.models.issues.approvals import Approval, Comment, Lapse, ReviewCopy
from mailer.models.issues.campaigns import (
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
from mailer.models.issues.checks import AcceptedFinding, CheckedAddress, ElectionPeriod
from mailer.models.issues.corrections import Correction
from mailer.models.issues.drafts import Change, ChangeKind, ChangeState, Presence
from mailer.models.issues.issue_tests import IssueTest
from mailer.models.issues.library import (
    AssembledPart,
    ItemOrigin,
    ItemState,
    LibraryItem,
    LibraryUse,
    PartState,
)
from mailer.models.issues.pictures import LibraryPicture
from mailer.models.issues.schedules import (
    ApprovalsNeeded,
    AskedByItself,
    PullIn,
    Schedule,
    Shift,
    Step,
    StepKind,
    Unapproved,
    schedule_approvers,
)
from mailer.models.notifications import NewsKind, Notification, QuietKind
from mailer.models.operators import (
    ApiToken,
    Operator,
    OperatorRole,
    OperatorSession,
    Power,
    SignInLink,
)
from mailer.models.receipts import Mailbox, Receipt, ReceiptKind, Spool, SystemMailReceipt, Verdict
from mailer.models.relays import Relay, RelayUse
from mailer.models.requests import DecliningMailbox, MailRequest, RequestedMail, RequestKind
from mailer.models.senders import DomainCheck, SigningKey
from mailer.models.stories import StoryAsk, StoryRequest

__all__ = [
    "EDITABLE",
    "OPEN",
    "WRITABLE",
    "AcceptedFinding",
    "ApiToken",
    "Approval",
    "ApprovalsNeeded",
    "AskedByItself",
    "AssembledPart",
    "Attempt",
    "Batch",
    "Campaign",
    "CampaignKind",
    "CampaignStatus",
    "Change",
    "ChangeKind",
    "ChangeMark",
    "ChangeState",
    "CheckedAddress",
    "Comment",
    "Correction",
    "CourierHeartbeat",
    "DaysOff",
    "DecliningMailbox",
    "Delivery",
    "DeliveryStatus",
    "DomainCheck",
    "ElectionPeriod",
    "Exclusion",
    "Feed",
    "FeedKind",
    "GivenAnswer",
    "InDoubt",
    "Installation",
    "IssueTest",
    "ItemOrigin",
    "ItemState",
    "KeptCount",
    "Lapse",
    "Lease",
    "LeftOut",
    "LibraryItem",
    "LibraryPicture",
    "LibraryUse",
    "Link",
    "MailRequest",
    "Mailbox",
    "NewsKind",
    "NewsletterBrand",
    "Notification",
    "OldAddress",
    "Operator",
    "OperatorRole",
    "OperatorSession",
    "PartState",
    "Power",
    "Presence",
    "PullIn",
    "QuietKind",
    "Receipt",
    "ReceiptKind",
    "Relay",
    "RelayUse",
    "RequestKind",
    "RequestedMail",
    "ReviewCopy",
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
