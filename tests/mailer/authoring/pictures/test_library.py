"""The library of pictures, on both databases."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from contacts.database import Database
from contacts.models import AuditEntry
from mailer.authoring.pictures import library
from mailer.authoring.pictures.shaping import Crop, shape
from mailer.authoring.pictures.store import PictureFolder
from mailer.errors import NotAllowed, NotFound
from mailer.models import Campaign, LibraryPicture
from tests.factories import NOW, TESTER, a_campaign, a_newsletter
from tests.mailer.authoring.pictures.drawing import a_file, opened


@pytest.fixture
def store(tmp_path: Path) -> PictureFolder:
    return PictureFolder(tmp_path / "pictures")


def add(
    database: Database, store: PictureFolder, words: str = "A street", size: int = 300
) -> LibraryPicture:
    with database.writing() as session:
        return library.add(
            session,
            store,
            shape(a_file("PNG", (size, 200))),
            called="street.png",
            words=words,
            is_decoration=False,
            actor=TESTER,
            now=NOW,
        )


def test_the_same_picture_twice_is_one(database: Database, store: PictureFolder) -> None:
    first = add(database, store, words="")
    second = add(database, store)
    third = add(database, store, words="Another street")

    assert first.id == second.id == third.id
    assert third.words == "A street"
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(LibraryPicture)) == 1
        assert session.scalars(select(AuditEntry.act)).all() == ["picture added"]


def test_a_part_is_a_picture_of_its_own(database: Database, store: PictureFolder) -> None:
    whole = add(database, store)
    with database.writing() as session:
        part = library.crop(
            session,
            store,
            session.get_one(LibraryPicture, whole.id),
            Crop(1.0),
            actor=TESTER,
            now=NOW,
        )

    content = store.read(part.name)
    assert content is not None
    assert opened(content).size == (200, 200)
    assert part.words == "A street"
    assert store.read(whole.name) is not None


def test_it_is_found_by_what_it_shows_and_by_its_file(
    database: Database, store: PictureFolder
) -> None:
    add(database, store, words="Roofs at first light")
    add(database, store, words="The market", size=310)

    def found(text: str) -> list[str]:
        with database.reading() as session:
            pictures, total = library.search(session, text, page=1, per_page=10)
            assert total == len(pictures)
            return [each.words for each in pictures]

    assert found("") == ["The market", "Roofs at first light"]
    assert found("light ROOFS") == ["Roofs at first light"]
    assert found("street.png") == ["The market", "Roofs at first light"]
    assert found("100%") == []


def test_where_it_is_shown_is_known(database: Database, store: PictureFolder) -> None:
    picture, other = add(database, store), add(database, store, size=310)
    with database.writing() as session:
        issue = a_campaign(session, a_newsletter(session).id)
        document = dict(issue.document)
        document["blocks"] = [
            *document["blocks"],
            {"id": "b9", "type": "image", "image": f"/pictures/{picture.name}", "alt": "A street"},
        ]
        issue.document = document
    with database.reading() as session:
        assert [each.id for each in library.uses(session, picture)] == [issue.id]
        assert library.uses(session, other) == []
        assert session.scalar(select(func.count()).select_from(Campaign)) == 1


def test_what_it_shows_is_bounded(database: Database, store: PictureFolder) -> None:
    with pytest.raises(NotAllowed, match="300 characters"):
        add(database, store, words="x" * 301)


def test_an_unknown_picture_is_not_found(database: Database) -> None:
    with database.reading() as session, pytest.raises(NotFound):
        library.find(session, 7)


def test_names_of_another_form_lead_nowhere(store: PictureFolder, tmp_path: Path) -> None:
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    name = store.put(b"content", "png")

    assert store.read(name) == b"content"
    for wrong in ("../secret.jpg", "secret.jpg", name.upper(), name + "\n", "", "/etc/passwd"):
        assert store.read(wrong) is None


def test_what_is_there_already_is_not_written_again(store: PictureFolder, tmp_path: Path) -> None:
    name = store.put(b"content", "png")
    before = {path: path.stat().st_ino for path in tmp_path.rglob("*.png")}

    assert store.put(b"content", "png") == name
    assert {path: path.stat().st_ino for path in tmp_path.rglob("*.png")} == before
    assert not list(tmp_path.rglob(".new-*"))
