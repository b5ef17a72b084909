"""Files become pictures for mail: bounded, upright, small, and nothing else of them is kept."""

import io

import pytest
from PIL import Image

from mailer.authoring.pictures import shaping
from mailer.authoring.pictures.shaping import Crop, shape
from mailer.errors import NotAllowed
from tests.mailer.authoring.pictures.drawing import a_bomb, a_file, colour_of, opened

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_file_is_known_by_its_content(kind: str) -> None:
    made = shape(a_file(kind))

    assert made.extension in {"jpg", "png"}
    assert (made.width, made.height) == opened(made.content).size == (600, 400)
    assert made.said == ""


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no picture"),
        (b"not a picture at all", "no picture"),
        (SVG, "no picture"),
        (b"<!doctype html><h1>Hello</h1>", "no picture"),
        (b"%PDF-1.7 and so on", "no picture"),
        (a_file("BMP"), "no picture"),
        (a_file("TIFF"), "no picture"),
        (a_file("PNG")[:200], "broken"),
        (a_file("JPEG", noise=True)[:3000], "broken"),
        (a_file("GIF", noise=True, mode="L")[:3000], "broken"),
        (a_bomb(40_000, 40_000), "too many pixels"),
        (a_bomb(2**31 - 1, 2**31 - 1), "too many pixels"),
        (a_bomb(3_000, 3_000), "broken"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 50, "HEIC"),
        (a_file("PNG", (4, 900)), "too small"),
    ],
    ids=range(15),
)
def test_what_is_no_picture_for_mail_is_refused_in_a_sentence(data: bytes, said: str) -> None:
    with pytest.raises(NotAllowed, match=said):
        shape(data)


def test_a_file_over_the_bound_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shaping, "LARGEST", 100)

    with pytest.raises(NotAllowed, match="too large"):
        shape(a_file("PNG"))


def test_a_large_photo_becomes_twice_as_wide_as_its_place_and_light() -> None:
    made = shape(a_file("JPEG", (3000, 2000), noise=True, quality=95))

    assert (made.width, made.height) == (1200, 800)
    assert len(made.content) < 1_000_000  # noise is the worst there is
    assert shape(a_file("JPEG", (3000, 2000))).content < b"\xff\xff"
    assert len(shape(a_file("JPEG", (3000, 2000))).content) < shaping.WANTED


def test_what_cameras_and_people_write_into_files_is_gone_and_the_picture_is_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x013B] = "Somebody's name"
    exif.get_ifd(0x8825)[1] = "N"  # a place
    data = a_file("JPEG", (600, 400), exif=exif, comment=b"a comment")

    made = shape(data)

    assert (made.width, made.height) == (400, 600)
    assert not opened(made.content).getexif()
    assert b"Somebody" not in made.content
    assert b"comment" not in made.content


def test_what_hangs_behind_a_picture_is_gone() -> None:
    made = shape(a_file("JPEG") + b"<script>alert(1)</script>PK\x03\x04")

    assert b"script" not in made.content
    assert b"PK\x03\x04" not in made.content


def test_transparency_stays_where_there_is_some() -> None:
    clear = shape(a_file("PNG", mode="RGBA"))
    whole = io.BytesIO()
    Image.new("RGBA", (600, 400), (90, 120, 160, 255)).save(whole, "PNG")

    assert colour_of(clear.content, "RGBA") == (90, 120, 160, 200)
    assert opened(shape(whole.getvalue()).content).mode in {"RGB", "P"}


def test_colours_of_printers_are_turned_into_those_of_screens() -> None:
    file = io.BytesIO()
    Image.new("CMYK", (300, 200), (0, 200, 200, 0)).save(file, "JPEG")

    red, green, blue = colour_of(shape(file.getvalue()).content)

    assert red > 200 > max(green, blue)


def test_of_a_moving_picture_the_first_is_kept_and_that_is_said() -> None:
    file = io.BytesIO()
    frames = [Image.new("RGB", (300, 200), colour) for colour in ("red", "green", "blue")]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])

    made = shape(file.getvalue())

    assert "only its first picture is kept" in made.said
    assert colour_of(made.content)[0] > 200


@pytest.mark.parametrize(
    ("crop", "size", "left"),
    [
        (Crop(1.0), (400, 400), 100),
        (Crop(1.0, across=0), (400, 400), 0),
        (Crop(1.0, across=100), (400, 400), 200),
        (Crop(3.0), (600, 200), 0),
    ],
)
def test_a_part_is_cut_around_its_centre(crop: Crop, size: tuple[int, int], left: int) -> None:
    image = Image.new("RGB", (600, 400))
    for across in range(600):
        image.paste((across * 255 // 600, 0, 0), (across, 0, across + 1, 400))
    file = io.BytesIO()
    image.save(file, "PNG")

    made = shape(file.getvalue(), crop)

    assert (made.width, made.height) == size
    assert abs(colour_of(made.content)[0] - (left + 2) * 255 / 600) < 6
