"""What one family of hosts means by its own codes and tags, as data.

The same code means different things by provider: 5.7.23 is a failed SPF check by RFC 7372, and a
missing reverse name at Google. A family is known by the names of its hosts, or by a mark that its
replies carry; a rule is a pattern for the text, enhanced code included, in lower case.
"""

import re
from typing import Final

# Names of remote hosts, or marks in their replies.
FAMILIES: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    (family, re.compile(pattern))
    for family, pattern in (
        ("google", r"google\.com|googlemail|gmail\.com|[- ]gsmtp\b|google ?groups"),
        (
            "microsoft",
            r"outlook\.com|hotmail|office365|exchangelabs|live\.com|prod\.outlook|mail\.protection",
        ),
        ("yahoo", r"yahoo|yahoodns|aol\.com|verizon\.net|\[(tss?|bl|gl|ipts|rl)\d\d\]"),
        ("apple", r"icloud\.com|mac\.com|me\.com|\[(cs|hm|hme)\d\d\]"),
        ("docomo", r"docomo\.ne\.jp"),
        ("kddi", r"ezweb\.ne\.jp|\bau\.com|dion\.ne\.jp|auone|uqmobile|biz\.?ezweb"),
        ("facebook", r"facebook\.com|\b(pol-p|rcp-p|int-p|con-t|msg-p|dns-p|con-p)\d"),
        ("orange", r"orange\.fr|wanadoo|\bofr[_\d]"),
        ("cox", r"cox\.net|\bcx(bl|dns|sndr|thrt|mxrt|cnct|spf|dkim|tsg)"),
        ("comcast", r"comcast\.net|xfinity"),
        ("mimecast", r"mimecast"),
        ("proofpoint", r"pphosted|proofpoint|ppe-hosted"),
        ("tencent", r"qq\.com|exmail|foxmail"),
        ("netease", r"163\.com|126\.com|netease|mx\d\.yeah"),
        ("godaddy", r"secureserver\.net|\bib\d{3}[a-z]?\b"),
        ("spectrum", r"charter\.net|spectrum|\brr\.com|twc|\baup#"),
        ("messagelabs", r"messagelabs|symanteccloud"),
    )
)

RULES: Final[dict[str, tuple[tuple[str, re.Pattern[str]], ...]]] = {
    family: tuple((reason, re.compile(pattern)) for reason, pattern in rules)
    for family, rules in {
        "google": (
            ("authfailure", r"[45]\.7\.(24|26|27|3[012])\b"),
            ("requireptr", r"[45]\.7\.(23|25)\b"),
            ("speeding", r"4\.7\.28\b|receiving mail (at a rate|too quickly)|4\.2\.1\b.{0,80}rate"),
            ("spamdetected", r"5\.7\.28\b|likely (unsolicited|suspicious)|unsolicited mail"),
            (
                "securityerror",
                r"[45]\.7\.29\b|potential security issue|5\.7\.0 this message was blocked",
            ),
            ("badreputation", r"low reputation"),
            ("mailboxfull", r"5\.2\.2\b|out of storage|over its quota"),
            ("exceedlimit", r"5\.4\.5\b|daily (user )?sending (limit|quota)"),
            ("filtered", r"group you tried to contact|permission to post|not allowed to post"),
        ),
        "microsoft": (
            ("userunknown", r"5\.4\.1\b.{0,40}access denied|5\.1\.(10|20|11)\b|5\.1\.351"),
            ("hostunknown", r"[45]\.4\.310|dns domain .{0,80}does not exist"),
            ("authfailure", r"[45]\.7\.(515|509|9|23|26|512)\b|dmarc"),
            (
                "blocked",
                r"\bs3140\b|\bs3150\b|\bs775\b|block list|5\.7\.(6\d\d|511|708|7\d\d)\b|banned sending ip|\((ou|dy|bay|snt|col|dub|blu)\w{0,12}-?\d*-00[12]",
            ),
            ("badreputation", r"\b(rp|sc)-00\d\b|4\.7\.(650|651)"),
            (
                "speeding",
                r"4\.7\.(5\d\d|652)\b|5\.2\.12[12]\b|5\.1\.90\b|submission quota|4\.3\.2\b.{0,60}storedrv",
            ),
            ("norelaying", r"5\.7\.(64|54)\b|tenantattribution|unable to relay"),
            ("policyviolation", r"5\.7\.(1[0-9]{2}|13|57)\b|restrict"),
            ("networkerror", r"[45]\.4\.(312|314|315|316|317|318)|[45]\.4\.(14|6)\b|hop count"),
        ),
        "yahoo": (
            (
                "suspend",
                r"\b(disabled or discontinued|not accepting mail|inactive)|\[-?(101|102|20)\]",
            ),
            ("speeding", r"\[tss?\d\d\]|temporarily deferred|unusual traffic|\[gl\d\d\]"),
            ("blocked", r"\[bl\d\d\]|\[ipts?\d\d\]"),
            ("requireptr", r"\[rl\d\d\]"),
            ("authfailure", r"5\.7\.9\b.{0,80}(policy|authent)|unauthenticated"),
        ),
        "apple": (
            ("spamdetected", r"\[cs0\d\]"),
            ("blocked", r"\[hme?\d\d\]"),
        ),
        # The carriers answer for the filter of the subscriber only once they have seen the message.
        "docomo": (
            (
                "filtered",
                r"5\.2\.0\b|after end of data|end of data|data command.{0,40}unknown user",
            ),
        ),
        "kddi": (("filtered", r"5\.2\.0\b|after end of data|end of data"),),
        "facebook": (
            ("userunknown", r"rcp-p1"),
            ("filtered", r"rcp-p[2-9]"),
            ("suspend", r"int-p[17]"),
            ("systemerror", r"int-p"),
            ("mesgtoobig", r"msg-p1"),
            ("contenterror", r"msg-p"),
            ("toomanyconn", r"con-t"),
            ("blocked", r"pol-p[12]\b"),
            ("virusdetected", r"pol-p3\b"),
            ("spamdetected", r"pol-p[45]\b"),
            ("policyviolation", r"pol-p"),
            ("requireptr", r"dns-p"),
        ),
        "orange": (
            ("toomanyconn", r"ofr\w{0,4}_1(04|09|10)\b|ofr_1(04|09|10)"),
            ("userunknown", r"ofr\w{0,4}_416|ofr_416|adresse d.? ?au moins un destinataire"),
            ("mailboxfull", r"ofr\w{0,4}_417|ofr_417"),
            ("suspend", r"ofr\w{0,4}_4(15|20)\b|ofr_4(15|20)"),
            ("spamdetected", r"ofr\w{0,4}_5(06|15|16|17)\b|ofr_5(06|15|16|17)"),
            ("blocked", r"ofr\w{0,4}_(103|510|999)\b|ofr_(103|510|999)"),
        ),
        "cox": (
            ("blocked", r"\bcx(bl|tsg)"),
            ("requireptr", r"\bcxdns"),
            ("rejected", r"\bcxsndr"),
            ("speeding", r"\bcx(thrt|mxrt)"),
            ("toomanyconn", r"\bcxcnct"),
            ("authfailure", r"\bcx(spf|dkim)"),
        ),
        "comcast": (
            ("speeding", r"\brl0000\d\d"),
            ("blocked", r"\bbl0000\d\d"),
            ("requireptr", r"\bpt0000\d\d"),
            ("authfailure", r"\bdm0000\d\d"),
        ),
        "mimecast": (
            ("speeding", r"internal resource temporarily unavailable|greylist"),
            ("userunknown", r"invalid recipient|recipient.{0,20}unknown"),
            ("authfailure", r"dmarc|spf|dkim|anti-spoofing"),
            (
                "blocked",
                r"envelope blocked|administrative prohibition|remote server returned.{0,20}block",
            ),
        ),
        "proofpoint": (("blocked", r"blocked.{0,80}(ipcheck|dnsbl)|prevented by proofpoint"),),
        "tencent": (
            ("spamdetected", r"mail content denied|suspected spam|content"),
            ("speeding", r"frequency limited|ip frequency|too many"),
            ("blocked", r"connection denied|suspected bounce attacks"),
        ),
        "netease": (
            ("spamdetected", r"\bdt:spm\b|\bspm\b"),
            ("speeding", r"\b(rp|mi):\w{3}\b|\brp:"),
            ("blocked", r"\bip:|rbl"),
        ),
        "godaddy": (
            ("blocked", r"\bib1\d\d|\bib(007|504|705)"),
            ("spamdetected", r"\bib[26]\d\d"),
            ("speeding", r"\bib[35]\d\d|\bib00[1-6]"),
        ),
        "spectrum": (
            ("blocked", r"aup#(in|out|blk|dns|rep|cxn)-?1[0-35-9]\d\d|e311\d|e315\d"),
            ("speeding", r"aup#.{0,6}14\d\d|e2120|e2190"),
        ),
        "messagelabs": (("userunknown", r"invalid recipient"),),
    }.items()
}
