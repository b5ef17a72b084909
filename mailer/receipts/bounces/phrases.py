"""Words of mail systems that name a fact about a mailbox, a message or a host, as data.

They come before the tables of ``mailer.delivery.wording``, which they add to: a bounce is longer
than a reply, comes in many languages, and has nobody to be asked again. In order: the first that is
found counts, so what is narrower stands higher. All patterns are for lower-case text and bounded.
"""

import re
from typing import Final

FACTS: Final = tuple(
    (reason, re.compile(pattern))
    for reason, pattern in (
        # Facts that borrow the words of others.
        (
            "mailererror",
            r"mailer error|x-unix; ?\d|exit (status|code)|unknown mailer error|pipe to \|",
        ),
        (
            "mailererror",
            r"command (died|failed|returned)|child (status|returned)|local delivery agent",
        ),
        (
            "systemerror",
            r"mail (for \S+ )?loops? back to (itself|myself)|local configuration error",
        ),
        (
            "networkerror",
            r"too many hops|hop count (exceeded|limit)|mail(er)? loop|routing loop|loop detect",
        ),
        ("networkerror", r"(message|mail) (is )?looping|loop count exceeded|hops? exceeded"),
        (
            "systemerror",
            r"cannot create|can.?t create (user )?(output )?file|i/o error|read-only file",
        ),
        (
            "notaccept",
            r"(does not|doesn.?t|do not|will not|not) accept(ing)? (any |e-?)?mail\b|null ?mx",
        ),
        (
            "notaccept",
            r"mail receiving disabled|host/domain does not receive mail|domain does not receive",
        ),
        (
            "virusdetected",
            r"virus(?!wall)[^.]{0,30}(found|detect|infect)|contains? (a )?(virus|malware)",
        ),
        ("virusdetected", r"(infected|suspicious|dangerous|prohibited|blocked) (file|attachment)"),
        (
            "securityerror",
            r"potential security issue|(tls|encrypt)[^.]{0,30}(required|needed|mandatory)",
        ),
        (
            "securityerror",
            r"cannot start tls|starttls (is )?(required|fail)|authentication (is )?required",
        ),
        # The message.
        (
            "mesgtoobig",
            r"(message|mail|e-?mail|size|attachment)[^.]{0,40}(too (big|large|long)|exceed[^.]{0,30}(size|limit|maxim))",
        ),
        (
            "mesgtoobig",
            r"(exceed|max|larger?)[^.]{0,30} (message|mail) size|message (length|size)[^.]{0,20}(exceed|limit)",
        ),
        (
            "mesgtoobig",
            r"size (of|limit|exceed)[^.]{0,40}(exceed|limit|maximum)|nachricht zu gro|trop volumineux",
        ),
        ("mesgtoobig", r"サイズ(が大き|を超|制限|オーバー)|max(imum)? size exceeded|msg(too|size)"),
        ("exceedlimit", r"exceed[^.]{0,40}(number of )?recipients|too many recipients"),
        # The mailbox is full.
        (
            "mailboxfull",
            r"(mail)?box[^.]{0,30}(full|exceed|over ?quota|over (the )?(limit|size))|quota[ -]exceed",
        ),
        (
            "mailboxfull",
            r"(over|exceed\w*|out of|beyond|above)[^.]{0,30} ?(disk |storage |allowed |allocated |mail |mailbox |his |their |her |the )*(quota|storage|space)",
        ),
        (
            "mailboxfull",
            r"overquota|quota (is )?(exceed|full|reached|violat)|user is over|storage (allocation|limit|capacity|quota)[^.]{0,20}(exceed|reach)",
        ),
        (
            "mailboxfull",
            r"not enough (storage )?(space|quota|room)[^.]{0,40}(mailbox|user|recipient|account|disk)?|insufficient (mailbox |user )?(quota|space in)",
        ),
        (
            "mailboxfull",
            r"number of messages[^.]{0,40}(exceed|limit)|mailbox (size|capacity|storage) |too much mail data|mailfolder is full",
        ),
        (
            "mailboxfull",
            r"inbox is full|mail ?box \w{0,20} ?is full|maildir (is |has )?(over|full)|account is full|account is over|no space left for this user",
        ),
        (
            "mailboxfull",
            r"postfach (ist )?(voll|überfüllt|übergelaufen)|speicherplatz|bo[iî]te[^.]{0,30}pleine|quota d[ée]pass",
        ),
        (
            "mailboxfull",
            r"buz[óo]n[^.]{0,20}lleno|casella[^.]{0,20}piena|caixa[^.]{0,20}cheia|ящик[^.]{0,20}переполн|postvak[^.]{0,20}vol",
        ),
        (
            "mailboxfull",
            r"(メールボックス|受信箱|容量)[^。]{0,20}(一杯|いっぱい|満杯|超え|超過|オーバー)|邮箱[^。]{0,10}(已)?满",
        ),
        (
            "systemfull",
            r"(mail ?server|system|host|disk)[^.]{0,20}(is )?full|insufficient (system )?(storage|resources|disk)|out of disk|no space left on device",
        ),
        # It moved, it is closed.
        (
            "hasmoved",
            r"(address|user|account|mailbox|recipient|he|she|has)[^.]{0,30}(has |have )?(moved|been (changed|replaced))( to)?|new (e-?mail )?address is",
        ),
        (
            "hasmoved",
            r"no longer (works|employed|with|at|here|valid|in use|used|active)|changed (his|her|their|its) (e-?mail )?address|left the (company|organi[sz]ation)",
        ),
        (
            "suspend",
            r"(account|mailbox|user|recipient|address|e-?mail|mail ?drop)[^.]{0,40}(disabled|suspended|inactive|locked|deactivated|discontinued|expired|dormant|closed|frozen|terminated|been blocked)",
        ),
        (
            "suspend",
            r"(disabled|suspended|inactive|deactivated|locked|dormant|expired|closed) (e-?mail )?(account|mailbox|user|recipient|address)|not active|temporarily (disabled|inactive)",
        ),
        (
            "suspend",
            r"konto[^.]{0,20}(gesperrt|deaktiviert)|compte[^.]{0,20}(suspendu|d[ée]sactiv)|アカウント[^。]{0,10}(停止|無効)|停用|заблокирован|отключен",
        ),
        # Nobody there.
        (
            "userunknown",
            r"recip(ient)?notfound|resolver\.adr\.(rec|ex)|adr\.recip|unknown_?user|user_?unknown|no_?such_?user|bad_?address|addr(ess)?notfound",
        ),
        (
            "userunknown",
            r"(user|recipient|mailbox|account|address(ee)?|login|local[- ]?part|mail ?drop|person|alias|destination)( name)?( is| was)? (unknown|undefined|invalid|nonexist|not exist)",
        ),
        (
            "userunknown",
            r"unknown[ -](local |virtual |or illegal |e-?mail |mail )*(user|recipient|mailbox|account|addressee|address|alias|local[- ]?part|person|login|to address)",
        ),
        (
            "userunknown",
            r"no such (local |e-?mail |virtual )*(user|recipient|mailbox|account|address|person|name|local|alias|member|maildrop|contact|list)|no such a user",
        ),
        (
            "userunknown",
            r"(do|does|did|could)( not|n.?t| ?not) (exists?|match any|find any|resolve to|appear to be a valid user)|(user|account|mailbox|address)[^.]{0,60}(non-?existent|not exist|no exist)",
        ),
        (
            "userunknown",
            r"(user|recipient|mailbox|account|address|alias|name|person|customer)[^.]{0,60}( was| is| could| can)? ?(not|n.?t|cannot)( be)? (been )?(found|known|recogni[sz]ed|listed|located|identified|defined|registered|verified|resolved|present)",
        ),
        (
            "userunknown",
            r"(is|are) not (a |an )?(known|valid|registered|recogni[sz]ed|legal|existing|local|defined|active|current)[^.]{0,20} ?(user|recipient|mailbox|account|address|customer|here|in)|not (our|a) (customer|subscriber)|not known (here|at this)",
        ),
        (
            "userunknown",
            r"no (valid |known )?(mailbox|account|user|recipient|match|one)s? (here|by|with|under|for|found|named|of)|there is no (user|mailbox|one|such|account|recipient)|no (valid|known) recipients?|(user|mailbox|name) not (here|local|known|valid|available here)",
        ),
        (
            "userunknown",
            r"(not|n.?t) (be )?(listed|found|present|in)[^.]{0,20}(directory|address ?book|aliases|user (list|database)|ldap|recipient map|name table)|unable to find (recipient|user)|not matching any recipient",
        ),
        (
            "userunknown",
            r"(invalid|bad|illegal|incorrect|wrong|nonexistent|non-existent|unrecogni[sz]ed|undeliverable|obsolete|unavailable) (final delivery |destination |e-?mail |mail |user |smtp |local |or unknown |virtual |to )*(user|recipient|mailbox|account|address|alias|userid|name|mail ?drop|local[- ]?part)",
        ),
        (
            "userunknown",
            r"(this )?user doesn.?t have an?|doesn.?t have an? \S{0,40} ?account|account (that )?you tried to reach|no longer (exists?|available|on (this|our) (server|system))|has been (deleted|removed|erased)|mailbox unavailable or not",
        ),
        (
            "userunknown",
            r"(can.?t|cannot|unable to|could not) (find|verify|locate|resolve|route)[^.]{0,20} (user|recipient|mailbox|account|address)|address( does)? not (match|accepted here)|recipient rejected: user|verify (that )?the (e-?mail )?address",
        ),
        (
            "userunknown",
            r"(empf[äa]nger|benutzer|adresse|postfach|teilnehmer|konto)[^.]{0,40}(unbekannt|nicht (gefunden|bekannt|vorhanden|existent)|existiert nicht|ung[üu]ltig)|unbekannte[rs]? (empf|benutz|adress)|existiert[^.]{0,20}nicht",
        ),
        (
            "userunknown",
            r"(utilisateur|destinataire|adresse|bo[iî]te|compte)[^.]{0,40}(inconnue?|introuvable|invalide|inexistant|n.existe (pas|plus))|n.existe (pas|plus)",
        ),
        (
            "userunknown",
            r"(usuario|destinatario|direcci[óo]n|cuenta|buz[óo]n)[^.]{0,40}(desconocid|no existe|inexistente|inv[áa]lid|no (se )?(encontr|v[áa]lid))|(utente|destinatario|casella|indirizzo)[^.]{0,40}(sconosciut|inesistent|non (esist|trovat|valid))",
        ),
        (
            "userunknown",
            r"(usu[áa]rio|destinat[áa]rio|conta|endere[çc]o)[^.]{0,40}(desconhecid|inexistente|n[ãa]o (existe|encontrad))|(gebruiker|ontvanger|adres)[^.]{0,30}(onbekend|bestaat niet)|(mottagare|adress|bruker|mottaker)[^.]{0,30}(ok[äa]nd|finns inte|ukjent)",
        ),
        (
            "userunknown",
            r"(пользовател|получател|адрес|ящик)[^.]{0,40}(не (найден|существует|зарегистрирован)|неизвест)|нет такого|недействительн|nie istnieje|nieznany",
        ),
        (
            "userunknown",
            r"(宛先|あて先|送信先|メールアドレス|ユーザー?|アドレス)[^。]{0,30}(見つかりません|存在しません|存在しない|不明|間違|誤り|ありません)|リストにありません|(用户|收件人|邮箱|地址)[^。]{0,10}(不存在|未找到|无效|错误)|(수신자|사용자)[^.]{0,10}(없|알 수)",
        ),
        # The host.
        (
            "networkerror",
            r"(host|name)[^.]{0,60}(try again|temporar)[^.]{0,10}$|dns (lookup|query|error|problem|server|timeout|fail)|name server[^.]{0,20}(timeout|time out|fail|busy)|error (resolving|in dns)",
        ),
        (
            "hostunknown",
            r"(host|domain|server|site|system)( name| part)?[^.]{0,60}( is| was| could| does)? ?(unknown|not (be )?(found|known|resolved|located|exist)|doesn.?t exist|non-?existent|invalid)|no such (host|domain)|nonexistentdomain",
        ),
        (
            "hostunknown",
            r"(unknown|invalid|bad|illegal|non-?existent|unresolvable|unrouteable|unroutable)[ /-](host|domain|mail domain|destination (host|domain|system)|address.?s domain)|illegal host/domain|nxdomain|name or service not known",
        ),
        (
            "hostunknown",
            r"unrouteable|unroutable|couldn.?t find (any )?(host|mx|a host)|cannot find (mx|(your |the )?mail exchanger)|no (mx|mail exchanger|mail server|route for domain|address (record )?)s? ?(record|found|for|associated)|can.?t find[^.]{0,30}(domain|host)|no matches to nameserver query|bad destination (host|system)",
        ),
        (
            "networkerror",
            r"connection (was )?(refused|reset|lost|dropped|closed|failed|broken|aborted|terminated)|(network|host) (is )?(unreachable|down)|no route to host|(unable|failed|fail|could not|couldn.?t|cannot|can.?t) (to )?(connect|establish|reach|contact|open)",
        ),
        (
            "networkerror",
            r"lost connection|(connect|session|conversation|greeting|read|write|socket|lookup|dialog)[a-z ]{0,20}(error|failed|failure|timed out with)|bad connection|remote (host|server|system) (is )?(not|un)[^.]{0,20}(respond|answer|available)",
        ),
        (
            "expired",
            r"(delivery|message|retry|queue|connection|session|operation|data|connect|conversation|transfer)[^.]{0,60}(tim(ed|e)?[- ]?out|expired|too long)|expired|timed out|could not be delivered (for|within|in) [^.]{0,12}(day|hour)|giving up|for (the (past|last) )?[\d.]+ (day|hour)s?|time ?limit|too long in queue|retry ?time",
        ),
    )
)

# Words that say little: they count when neither a fact nor a code says more.
HINTS: Final = tuple(
    (reason, re.compile(pattern))
    for reason, pattern in (
        (
            "toomanyconn",
            r"too many (concurrent |simultaneous |open |smtp )?(connection|session)s?|connection (rate|limit|frequency)|max(imum)? (number of )?(connection|session)s",
        ),
        (
            "speeding",
            r"gr[ea]y-?list|(sending|receiving|too)[^.]{0,20} (rate|fast|quickly)|rate[- ]limit|throttl|temporarily deferred|deferred due|too many (messages|mails)|frequency limit",
        ),
        (
            "rejected",
            r"sender[^.]{0,60}(reject|denied|refus|invalid|not (allow|permit|exist|found|verif|accepted))|(reject|denied|refus|invalid)[^.]{0,20} sender|from address|mail from|return path|backscatter|sender verify|domain of sender|from[^.]{0,20} not allowed",
        ),
        (
            "contenterror",
            r"(header|content|message|format|mime)[^.]{0,20}(malformed|invalid|error|not (rfc|compliant)|reject)|bad header|duplicate header|improper",
        ),
        (
            "notcompliantrfc",
            r"rfc ?\d{3,4}[^.]{0,40}(complian|violat|conform)|not (rfc|complian)|bare (lf|cr)|(multiple|missing|duplicate|invalid)[^.]{0,30}header",
        ),
        (
            "syntaxerror",
            r"syntax error|command (not recogni[sz]ed|unrecogni[sz]ed|not implemented|out of sequence)|bad sequence|unrecogni[sz]ed command|protocol error|invalid (parameter|argument)",
        ),
        (
            "filtered",
            r"(recipient|user|mailbox|message|mail|delivery)[^.]{0,40}(refuse|reject|does not (accept|want)|not accept|block)|automatically rejected|refused by|denied by (the )?(user|recipient)|受信拒否|拒否",
        ),
        (
            "systemerror",
            r"(local|internal|server|system|processing|database|configuration|software|unexpected|resource)[a-z ]{0,20}(error|problem|failure|unavailable)|(temporar|currently)[^.]{0,20}(unavailable|problem|failure|lookup)|service (is )?(currently |temporarily )?(unavailable|not available)|try (again )?later|resources",
        ),
        (
            "userunknown",
            r"(mailbox|address|user|recipient|account)[^.]{0,20}(unavailable|not available|not accepted)|unknown recipient|requested action not taken: mailbox",
        ),
    )
)
