"""The names of columns about people, in eight languages, as programs and people write them."""

import re
from collections.abc import Sequence
from typing import Final

from contacts.importing.words.consent import of_header
from contacts.importing.words.fields import ColumnField
from contacts.importing.words.plain import plain

# Without case, spaces, accents and punctuation; the likelier first. English; then Welsh, German,
# French, Spanish, Italian, Dutch and Polish.
_WORDS: Final = {
    ColumnField.EMAIL: (
        "email emailaddress emailaddr mail mailaddress emails emailid primaryemail contactemail "
        "workemail emailwork email1value email1 emailaddress1 emailaddresses emailprimary "
        "subscriberemail ebost cyfeiriadebost epost emailadresse mailadresse epostadresse "
        "adresseemail adressemail courriel adressecourriel adresseelectronique mel "
        "correo correoelectronico direcciondecorreo direccioncorreo indirizzoemail "
        "postaelettronica indirizzodipostaelettronica emailadres mailadres adresemail adresmail "
        "poczta adrespocztyelektronicznej personalemail"
    ),
    ColumnField.TITLE: (
        "nameprefix salutation honorific honorifictitle individualprefix courtesytitle teitl "
        "anrede civilite tratamiento titolo aanhef zwrot"
    ),
    ColumnField.NAME: (
        "name fullname contactname membername displayname personname contact person names "
        "councillor enw enwllawn vollername vollstandigername kontaktname "
        "nomcomplet nometprenom prenometnom nombrecompleto nombreyapellidos nomecompleto "
        "nomeecognome cognomeenome nominativo volledigenaam naam imieinazwisko nazwiskoiimie"
    ),
    ColumnField.FIRST_NAME: (
        "firstname forename givenname first forenames givennames fname enwcyntaf vorname rufname "
        "prenom nombre primernombre nombredepila nome nomedibattesimo voornaam roepnaam imie"
    ),
    ColumnField.LAST_NAME: (
        "lastname surname familyname last secondname lname cyfenw enwolaf nachname familienname "
        "zuname nomdefamille nom apellidos apellido cognome achternaam familienaam nazwisko"
    ),
    ColumnField.ORGANISATION: (
        "organisation organization organisationname organizationname org orgname council "
        "councilname localauthority authority company companyname employer currentemployer "
        "institution accountname account memberorganisation organisations "
        "sefydliad cyngor cwmni corff firma unternehmen verein gemeinde einrichtung behorde "
        "societe entreprise organisme association mairie collectivite organizacion empresa "
        "entidad ayuntamiento organizzazione azienda ente comune societa organisatie bedrijf "
        "bedrijfsnaam vereniging organizacja nazwaorganizacji instytucja urzad gmina"
    ),
    ColumnField.CATEGORY: (
        "category membershipcategory membership membershiptype membtype membertype membercategory "
        "membershiplevel memberlevel memtype tier categori aelodaeth mathaelodaeth kategorie "
        "mitgliedschaft mitgliedsart mitgliedstyp categorie typedadherent adhesion categoria "
        "tipodesocio tipodisocio lidmaatschap lidsoort kategoria czlonkostwo"
    ),
    ColumnField.ROLE: (
        "role roles jobtitle position job jobrole positiontitle post organizationtitle "
        "organization1title rol swydd teitlswydd funktion rolle stellung amt fonction poste "
        "cargo puesto funcion ruolo carica qualifica functie functietitel stanowisko funkcja rola"
    ),
    ColumnField.TAGS: (
        "tags tag labels label keywords groupmembership groups group tagiau labeli tagiaulabeli "
        "schlagworte schlagwort stichworte etiketten etiquettes etiquette motscles etiquetas "
        "etiqueta etichette etichetta trefwoorden labels1 etykiety etykieta tagi categories"
    ),
}
_BY_NAME: Final = {
    word: (field, rank)
    for field, words in _WORDS.items()
    for rank, word in enumerate(words.split())
}
# Names that mean the first one beside a column of last names: "Name, Surname".
BARE_NAMES: Final = frozenset("name names enw naam nombre nome".split())
# Others that are no column of ours, but show that a row is a header.
_OTHER: Final = frozenset(
    "phone phonenumber telephone tel mobile mobilephone telefon telefono telefoon telefonnummer "
    "ffon mobil komorka address street city town postcode zip country notes dob birthday id "
    "uuid ref createdat updatedat organizationname1 middlename".split()
)
_ALIASES: Final = {"organization1name": "organizationname"}
# Further addresses of the same person; those of a manager or an owner are somebody else's.
_WHOSE: Final = (
    "home|work|other|second|secondary|alternate|alternative|private|personal|business|backup|main|"
    "billing|privat|prive|geschaftlich|particulier"
)
_OTHER_EMAIL: Final = re.compile(
    rf"e?mail(address)?[2-9](value|address)?|({_WHOSE})e?mail(address)?[2-9]?|"
    rf"e?mail(address)?({_WHOSE})[2-9]?"
)


def is_other_email(name: str) -> bool:
    """A column of one more address of the person in the row."""
    word = plain(name)
    known = field_of(name)
    return (known is not None and known[0] is ColumnField.EMAIL) or (
        _OTHER_EMAIL.fullmatch(word) is not None
    )


def whose(name: str) -> str:
    """The part of a column's name that says which address it is about: "home", "work", ""."""
    return re.sub(r"emailaddress|email|onhold|bounce[a-z]*|value|address", "", plain(name))


def field_of(name: str) -> tuple[ColumnField, int] | None:
    """What a column of this name goes into, and how likely: 0 is the likeliest."""
    word = plain(name)
    return _BY_NAME.get(_ALIASES.get(word, word))


def known(names: Sequence[str]) -> int:
    """How many of these cells are names of columns: a header has some, a title has none."""
    return sum(
        field_of(name) is not None
        or plain(name) in _OTHER
        or (len(name) < 40 and of_header(name) is not None)
        for name in names
        if name.strip()
    )
