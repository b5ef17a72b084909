"""By what a returned message is known, as data: its senders, its subjects and its opening words.

None of them is enough by itself: an ordinary person may write any of these words.
"""

import re
from typing import Final

# The local part of the sender, or the name beside it.
DAEMON: Final = re.compile(
    r"mail(er)?[-_ ]?daemon|postmaster|post_master|mail[- ]?deliver|delivery (sub)?system|"
    r"mail (system|administrat|router)|system ?administrator|mmdf|mdaemon|"
    r"smtp[- ](gateway|agent|server)|"
    r"(un)?deliver(y|able)[-_.]?(report|status|notification|fail)?@|bounce[sd]?@|ndr@|"
    r"microsoft ?exchange ?\w{0,10}@|internet mail (delivery|service)|mailsystem|e?mail "
    r"(delivery|server)",
    re.IGNORECASE,
)

SUBJECT: Final = re.compile(
    r"undeliver|non-?deliver|not (been )?delivered|not deliverable|"
    r"deliver\w* ?(status|has |is |was )?(notification|failure|failed|fail\b|report|problem|error"
    r"|delay|unsuccessful|temporarily|suspended)|delivery status|"
    r"returned (e-?)?mail|mail returned|return(ed|ing) to sender|mail (system )?error|mail fail|"
    r"failure (notice|notification|delivery)|failed (mail|delivery|message)|mail delivery|"
    r"could ?n[o']t (be )?(deliver|sen[dt])|(unable|not able) to (deliver|send)|cannot (be )?send|"
    r"rejected (e-?)?mail|mail (was )?reject|message (status|delayed|reject|refused|expired)|"
    r"(permanent|warning|fatal).{0,20}(fail|delay|could not|error)|user unknown|unknown user|"
    r"problem (with your|delivering)|bounced? (mail|message)|e-?mail (bounce|error)|"
    r"error.{0,12}mail|"
    r"no such user|address (unknown|error)|mailbox (full|unavailable)|over quota|"
    r"unzustellbar|zustell(ung|bar|ungs)|nicht (zugestellt|ausgeliefert)|"
    r"non (remis|distribu|d[ée]livr)|[ée]chec (de|d')|impossible de remettre|"
    r"no se (puede|pudo|ha podido|entreg)|no (fue )?entregad|error de entrega|devuelto|"
    r"mancat[ao] (consegna|recapito)|non recapita|impossibile (recapitare|consegnare)|"
    r"n[ãa]o (foi )?(poss[ií]vel )?entreg|falha (na|de|no) (entrega|envio)|"
    r"onbestelbaar|niet (bezorgd|afgeleverd|besteld)|oleverer|ej leverer|ikke lever|kunne ikke|"
    r"toimittamat|ei (voitu|ole) toimitet|nie ?(do|zosta\u0142a? )?(starcz|dor\u0119cz)|"
    r"нед?о?ставлен|не (было )?доставлен|ошибка доставки|возвра[тщ]|"
    r"配信(不能|エラー|失敗|でき)|送信(エラー|不能|失敗|でき)|エラー(メール|通知)|届(き|け)ません|"
    r"退信|投递失败|无法(送达|投递)|退件|반송|전송 ?실패",
    re.IGNORECASE,
)

OPENING: Final = re.compile(
    r"(could|can|was|were|has|have|did|do|is|are)( ?n[o']t|not)( been| be| yet been)? "
    r"(deliver|sent|reach|receiv|accept|transmit|transfer)|"
    r"undeliver|non-?deliver|(unable|failed|attempt\w*|not able|wasn'?t able|trouble|problem\w*|"
    r"impossible) (to|in|while|when) (deliver|send|transmit|relay)|"
    r"deliver\w* [^.\n]{0,60}(fail|unsuccessful|delay|not possible|problem|error|abort|expired)|"
    r"(fail|problem|error|delay)\w* [^.\n]{0,40}deliver|"
    r"(had|following) [^.\n]{0,40}(fatal|delivery|transient|permanent)[^.\n]{0,20}(error|"
    r"problem|fail)|"
    r"return(ed|ing) (it |the message |mail )?to (the )?sender|(failed|affected|invalid) "
    r"(recipient|address)|"
    r"recipients? (were|was) affected|transcript of session|failure reasons|"
    r"automatically (rejected|refused)|message (was|has been|is) (rejected|refused|"
    r"returned|bounced|blocked)|"
    r"follow(s|ing) (e-?mail )?(recipient|address|user|destination)|giving up on|"
    r"has been returned|intended recipient|this is a permanent error|permanent failure|"
    r"user unknown|unknown user|error message below|"
    r"nicht (zugestellt|ausgeliefert|zustellbar|übermittelt)|unzustellbar|zustellung "
    r"[^.\n]{0,30}fehl|"
    r"n'a pas (pu )?[êe]t(re|é) (remis|distribu|d[ée]livr|achemin)|non remis|"
    r"no (se )?(pudo|puede|ha podido|pudimos|fue)[^.\n]{0,20} entreg|non "
    r"[^.\n]{0,20}(recapitat|consegnat)|"
    r"n[ãa]o [^.\n]{0,20}entreg|niet [^.\n]{0,40}(bezorgd|afgeleverd|besteld)|kunde inte|"
    r"kunne ikke|"
    r"не (может|было|удалось|была)[^.\n]{0,30}доставл|не доставлен|"
    r"送信(でき|に失敗|されません)|配信(でき|不能|に失敗|されません)|届(き|け)ません|配送でき|"
    r"(无法|未能|没有)[^.\n]{0,20}(送达|投递|发送)|退信|被退回",
    re.IGNORECASE,
)

# Still being tried: nobody is given up on (RFC 3464 2.3.3, Action "delayed").
DELAYED: Final = re.compile(
    r"will (continue to be|be|keep|continue|try|retry)[^.\n]{0,40}(tr(y|ied|ying)|retr|"
    r"attempt|deliver)|"
    r"still (being|trying|in (the )?queue|be retried|undelivered)|(do|does) not need to resend|"
    r"no action is required|(message|delivery|mail)[^.\n]{0,30} (is |has been |was "
    r")?(delayed|deferred|queued)|"
    r"not yet been delivered|this is a warning message only|"
    r"(delayed|delay) (mail|\(|delivery|notification)|zustellung [^.\n]{0,20}verz[öo]gert|"
    r"retarded?|remise diff[ée]r|配信(の)?遅延|再送",
    re.IGNORECASE,
)
FINAL: Final = re.compile(
    r"giving up|gave up|too long|no further|will not be (retried|attempted)|permanent|"
    r"(has|have) expired|"
    r"is being returned|has been returned|been failed|endg[üu]ltig|fatal error",
    re.IGNORECASE,
)
# A message that an operator or a person answers, in the languages' own short forms.
ANSWER: Final = re.compile(
    r"(re|aw|sv|vs|antw?|odp|ynt|r[ée]f?|fwd?|wg|tr|rv|enc|doorst)(\[\d+\])?\s*:", re.IGNORECASE
)

# Where what was returned begins; each stands at the start of a line, after dashes and the like.
RETURNED: Final = re.compile(
    r"(below (this|the next) line is a copy|this is a copy of (the|your)|"
    r"(original|returned|unsent|rejected|old|your original|start of returned) (message|"
    r"mail|e-?mail)"
    r"( headers?)?( text)?( follows?| is (below|following|attached))?\s*[-:.=*]*\s*$|"
    r"(the )?(original )?(message )?headers? (of|follow)|message headers? follow|returned "
    r"mail follow|"
    r"original message (details|header|attached|follows|is|was)|message (text|header)s? follow|"
    r"included is a copy|a copy of the (original )?message|copy of (the |your )?(original "
    r")?message|"
    r"begin (of )?(forwarded|original|returned) message|the body of the message is|"
    r"message from .{0,60} follows|urspr[üu]ngliche nachricht|message d'origine|"
    r"(the )?following is (a copy|the (original|header))|text of (the |your )?original message)",
    re.IGNORECASE,
)
