"""What files say of permission: columns about it, and values, as the programs and people write.

English, Welsh, German, French, Spanish, Italian, Dutch and Polish, without accents and spaces.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Final

from contacts.importing.words.plain import plain, value


class Says(StrEnum):
    """What a row says of being written to; of several, the later in this list counts."""

    NOTHING = "nothing"
    YES = "yes"
    PENDING = "pending"  # asked for, not confirmed
    NO = "no"  # unsubscribed
    EVERYTHING = "no-newsletter"  # unsubscribed from everything
    NEVER = "do-not-email"
    GONE = "gone"  # bounced, cleaned, deleted, deceased
    COMPLAINT = "complaint"

    @property
    def stops(self) -> bool:
        """Whether it is a no of any kind."""
        return STRENGTH[self] >= STRENGTH[Says.NO]


STRENGTH: Final = {each: place for place, each in enumerate(Says)}

_TRUE: Final = frozenset(
    "yes y true t 1 x on ja j oui o si s ie ydw tak checked wahr vrai verdadero vero waar prawda "
    "gwir".split()
)
_FALSE: Final = frozenset(
    "no n false f 0 off nein non nee nie na nac unchecked falsch faux falso onwaar falsz".split()
)
_STATES: Final = {
    Says.YES: (
        "subscribed subscriber active enabled marketingcontact optin optedin confirmed express "
        "implicit granted tanysgrifiwyd weditanysgrifio tanysgrifiwr gweithredol abonniert "
        "angemeldet aktiv "
        "bestatigt abonne abonnee inscrit inscrite actif active confirme suscrito suscrita activo "
        "activa confirmado iscritto iscritta attivo attiva confermato ingeschreven aangemeld "
        "geabonneerd actief bevestigd zapisany zapisana aktywny aktywna subskrybuje potwierdzony"
    ),
    Says.PENDING: (
        "pending unconfirmed notconfirmed awaitingconfirmation unverified arfaethgadarnhau "
        "ausstehend unbestatigt enattente nonconfirme pendiente sinconfirmar inattesa "
        "nonconfermato inafwachting onbevestigd oczekujacy niepotwierdzony"
    ),
    Says.NO: (
        "unsubscribed unsubscribe unsub optout optedout disabled inactive notsubscribed "
        "nonsubscribed revoked withdrawn removed archived nopermission temporarynopermission "
        "permissionrevoked nopermissionset nopermissionsset permissionnotset temporaryhold "
        "temphold nonmarketingcontact onholdoptout left declined daddanysgrifio daddanysgrifiwyd "
        "datdanysgrifio wedidaddanysgrifio abgemeldet abbestellt ausgetragen inaktiv widerrufen "
        "desabonne desabonnee desinscrit desinscrite inactif inactive desuscrito desuscrita baja "
        "debaja dadodebaja dadadebaja inactivo disiscritto disiscritta cancellato cancellata "
        "disattivato uitgeschreven afgemeld opgezegd inactief wypisany wypisana rezygnacja "
        "nieaktywny zrezygnowal zrezygnowala"
    ),
    Says.NEVER: (
        "blocklisted blacklisted blocked suppressed donotemail donotcontact donotmail gesperrt "
        "blockiert bloque bloquee bloqueado bloccato geblokkeerd zablokowany zablokowana "
        "rhwystrwyd peidiwchagebostio"
    ),
    Says.GONE: (
        "cleaned bounced bounce hardbounce hardbounced onhold onholdbounce undeliverable invalid "
        "deceased dead died deleted expired ymadawedig wedimarw dilewyd verstorben geloscht "
        "unzustellbar ungultig decede decedee supprime supprimee invalide rebotado rebote "
        "fallecido fallecida eliminado eliminada deceduto deceduta eliminato eliminata "
        "rimbalzato overleden verwijderd onbestelbaar zmarly zmarla usuniety usunieta odbity "
        "niedostarczalny"
    ),
    Says.COMPLAINT: (
        "complaint complained spam spamcomplaint spamreport markedasspam reportedspam abuse "
        "cwyn cwynodd beschwerde plainte queja reclamo klacht skarga"
    ),
}
_STATE_OF: Final = {word: says for says, words in _STATES.items() for word in words.split()}
# Words that say something only where the column's name speaks of it too.
_WEAK: Final = frozenset(
    "active enabled confirmed express implicit granted aktiv actif activo activa attivo attiva "
    "actief aktywny aktywna gweithredol inactive disabled inaktiv inactif inactivo inactief "
    "nieaktywny archived removed left declined deleted expired invalid dead onhold baja "
    "eliminado eliminada eliminato eliminata geloscht supprime supprimee verwijderd usuniety "
    "usunieta dilewyd opgezegd cancellato cancellata pending ausstehend enattente pendiente "
    "inattesa inafwachting oczekujacy blocked gesperrt bloque bloquee bloqueado bloccato "
    "geblokkeerd zablokowany zablokowana revoked withdrawn "
    "queja plainte reclamo klacht skarga beschwerde cwyn complaint "
    "inscrit inscrite angemeldet aangemeld ingeschreven iscritto iscritta zapisany zapisana".split()
)
_TRACES: Final = re.compile(
    r"unsub|optout|optedout|optin|optedin|donotemail|donotmail|hardbounce|bounced|blocklist|"
    r"blacklist|markedasspam"
)

# Parts of column names, and what a yes in such a column says.
_NAMES: Final = (
    (
        Says.COMPLAINT,
        r"complain|spam|abuse|cwyn|beschwerde|plainte|queja|reclamo|klacht|skarga",
    ),
    (
        Says.GONE,
        (
            r"onhold|bounce|invalide?mail|quarantin|intrash|^cleaned|^clean(time|date|at)|deceased|deleted|^isdead|^died|^dead$|"
            r"undeliverable|ymadawedig|dilewyd|verstorben|geloscht|unzustellbar|decede|supprime|"
            r"rebot|fallecid|eliminad|decedut|eliminat|rimbalz|overleden|verwijderd|onbestelbaar|"
            r"zmarl|usuniet|odbit"
        ),
    ),
    (
        Says.NEVER,
        (
            r"donotemail|donotcontact|^(date)?dnc|dnc$|dontemail|noemail(s|$)|blocklist|blacklist|suppress|"
            r"peidiwchageb|nichtmailen|keineemail|nepasenvoyer|nepascontacter|noenviar|nocontactar|"
            r"noninviare|noncontattare|nietmailen|geenemail|niewysylac|niekontaktowac|gesperrt|"
            r"listenoire|listanegra|listanera|czarnalista"
        ),
    ),
    (
        Says.NO,
        (
            r"unsub|optout|optedout|optsout|nobulk|donotbulk|nomarketing|donotmarket|nonewsletter|"
            r"notsubscribed|daddanysgrif|datdanysgrif|optioallan|abgemeldet|abbestell|abmeld|"
            r"austrag|keinnewsletter|desabonn|desinscri|desuscri|dadodebaja|^baja|disiscri|"
            r"cancellazione|uitgeschreven|uitschrijf|afgemeld|afmeld|wypisan|rezygnacj|niesubskryb"
        ),
    ),
    (
        Says.YES,
        (
            r"subscri[bp]|newsletter|mailinglist|optin|optedin|consent|gdpr|acceptsmarketing|"
            r"acceptsemail|receiveemail|emailpermission|permissionstatus|marketingpermission|"
            r"emailstatus|mailstatus|marketingcontactstatus|marketablestatus|"
            r"maywe(e?mail|write|contact)|oktoemail|canemail|confirmtime|"
            r"confirmedat|confirmationtime|confirmdate|tanysgrif|cylchlythyr|cydsyni|caniatad|"
            r"abonniert|abonn?ement|^abonne|einwillig|zustimmung|angemeldetam|bestatigtam|"
            r"lettredinformation|consentement|inscription|^inscrite?$|suscri[tp]|boletin|iscri[tz]|"
            r"notiziario|consenso|toestemming|nieuwsbrief|^ingeschreven|aangemeldop|zgod[ay]|"
            r"subskryp|biuletyn|zapisan"
        ),
    ),
)
_STEMS: Final = tuple((says, re.compile(pattern)) for says, pattern in _NAMES)
_STATUS: Final = re.compile(
    r"(contact|subscriber|kontakt|list)?(status|state|statut|estado|stato|stan|statws)"
)
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_TIMES: Final = frozenset(
    "time date at on since timestamp when datum zeit am data fecha dyddiad op le dnia".split()
)
_REASONS: Final = frozenset(
    "reason other why detail details note comment grund raison motif motivo razon reden powod "
    "rheswm".split()
)
_ASIDE: Final = frozenset(
    "title campaign ip id uuid address source url fee paid language lang amount count score method "
    "frequency version rating".split()
)
# Ways to reach somebody that are not e-mail.
_OTHER_WAYS: Final = frozenset(
    "call calls calling cell mobile tel texts texting push post postal postalisch courrier".split()
)
_BEGIN_OTHER_WAYS: Final = ("sms", "mms", "fax", "phone", "telephon", "telefon", "whatsapp", "ffon")
_BY_POST: Final = frozenset({"direct", "postal", "post", "snail"})
_ABOUT_MAIL: Final = re.compile(r"^(e?mail|newsletter|courriel|correo|ebost|epost|poczt|nieuwsbr)")
# Numbers that a program writes for its states, by the end of the column's name.
_NUMBERED: Final = {("onhold", "2"): Says.NO}
_ENDS_AS_TIME: Final = ("time", "datum", "date", "zeit")


class About(StrEnum):
    """What a column about permission holds."""

    FLAG = "flag"
    TIME = "time"
    REASON = "reason"


def of_header(name: str) -> tuple[Says, About] | None:
    """What a column of this name speaks of; None when it is not about permission."""
    word, parts = plain(name), _parts(name)
    aside = bool(parts) and parts[-1] in _ASIDE and parts[0] != "invalid"
    if not parts or aside or is_aside(name):
        return None
    for says, pattern in _STEMS:
        if not pattern.search(word):
            continue
        if parts[-1] in _REASONS:
            return None if says is Says.YES else (says, About.REASON)
        timed = len(parts) > 1 and (parts[-1] in _TIMES or parts[0] in _TIMES - {"on"})
        return says, About.TIME if timed or word.endswith(_ENDS_AS_TIME) else About.FLAG
    return None


@lru_cache(maxsize=2_000)
def is_aside(name: str) -> bool:
    """A column about telephone, post and the like, or a stage of a sale: not about e-mail."""
    parts = _parts(name)
    if parts and parts[-1] == "stage":
        return True
    if not any(part in _OTHER_WAYS or part.startswith(_BEGIN_OTHER_WAYS) for part in parts):
        return _BY_POST & set(parts) != set() and "mail" in parts
    ours = [part for part in parts if _ABOUT_MAIL.match(part)]
    return not ours or (ours == ["mail"] and bool(_BY_POST & set(parts)))


def lists_who_left(header: Sequence[str]) -> bool:
    """HubSpot's list of who left: its other columns are kinds of mail, and a yes there is a no."""
    return any(plain(name) == "portalunsubscribe" for name in header)


def topic(name: str) -> str:
    """The part of a column's name by which it is about permission: "bounce", "unsub"."""
    word = plain(name)
    return next((found[0] for _, pattern in _STEMS if (found := pattern.search(word))), "")


def numbered(name: str, cell: str) -> Says | None:
    """What a number means in a column in which a program counts its states."""
    word = plain(name)
    for (ends, number), says in _NUMBERED.items():
        if cell.strip() == number and word.endswith(ends):
            return says
    return None


def _parts(name: str) -> list[str]:
    return [plain(part) for part in re.split(r"[\W_]+", _HUMP.sub(" ", name)) if part]


def may_be_status(name: str) -> bool:
    """A name that speaks of permission only if the values do."""
    return _STATUS.fullmatch(plain(name)) is not None


def truth(cell: str) -> bool | None:
    """Yes and no; None for anything else."""
    word = value(cell)
    return True if word in _TRUE else False if word in _FALSE else None


def state(cell: str) -> Says | None:
    """A value that says for itself what it means."""
    return _STATE_OF.get(value(cell))


def tells(cell: str) -> bool:
    """Whether a value speaks of permission, whatever the column is called."""
    word = value(cell)
    return (word in _STATE_OF and word not in _WEAK) or _TRACES.search(word) is not None
