"""Uploaded files made into pictures for mail: known by content, bounded, upright, without EXIF.

Nothing of the file is passed on as it came: every picture is decoded and encoded anew, so what is
not part of the picture (places, names, programs hidden behind it) does not reach anybody.
"""

import io
import warnings
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from mailer.errors import NotAllowed

LARGEST: Final = 20 * 1024 * 1024  # octets of a file
PIXELS: Final = 50_000_000  # of a picture, before it is decoded
WIDEST: Final = 1200  # pixels: twice the 600 that a mail is wide
TALLEST: Final = 2400
NARROWEST: Final = 16
WANTED: Final = 200_000  # octets of a picture in a mail
_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF")
_QUALITIES: Final = (84, 76, 68, 60)
_COLOURS: Final = 256
_HEIC: Final = (b"heic", b"heix", b"mif1", b"hevc", b"heim")

_BROKEN: Final = "This picture is broken: open it in another program and save it."
_TOO_MANY: Final = (
    f"This picture has too many pixels: {PIXELS // 1_000_000} million is the most. Make it smaller."
)


@dataclass(frozen=True, slots=True)
class ShapedPicture:
    """A picture as it is kept: ``content`` is a JPEG or PNG of ``width`` by ``height`` pixels."""

    content: bytes
    extension: str  # "jpg" or "png"
    width: int
    height: int
    said: str = ""  # what was done that its owner should know, in a sentence


@dataclass(frozen=True, slots=True)
class Crop:
    """A part of a picture: ``ratio`` wide to high, around a centre in hundredths of its sides."""

    ratio: float
    across: int = 50
    down: int = 50


def shape(data: bytes, crop: Crop | None = None) -> ShapedPicture:
    """Make a picture of an uploaded file; NotAllowed says in a sentence why it cannot be one."""
    image, said = _decoded(data)
    if crop is not None:
        image = _cropped(image, crop)
    if min(image.size) < NARROWEST:
        raise NotAllowed(
            f"This picture is too small: it is {image.width} by {image.height} pixels."
        )
    image.thumbnail((WIDEST, TALLEST), Image.Resampling.LANCZOS)
    content, extension = _encoded(image)
    return ShapedPicture(content, extension, image.width, image.height, said)


def shaped_before(content: bytes) -> ShapedPicture:
    """The picture that an earlier ``shape`` made, as it is; NotAllowed for any other file."""
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as image:
            extension = "png" if image.format == "PNG" else "jpg"
            return ShapedPicture(content, extension, image.width, image.height)
    except Exception as fault:  # decoders meet broken files in many ways
        raise NotAllowed(_BROKEN) from fault


def _decoded(data: bytes) -> tuple[Image.Image, str]:
    if len(data) > LARGEST:
        raise NotAllowed(f"This file is too large: {LARGEST // 1024**2} MB is the most.")
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC:
        raise NotAllowed("This is a HEIC picture, which mail cannot show: save it as JPEG first.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            opened = Image.open(io.BytesIO(data), formats=_FORMATS)
            _hold_to_bounds(opened)
            moves = getattr(opened, "is_animated", False)
            opened.load()
            image = _in_plain_colours(ImageOps.exif_transpose(opened))
    except NotAllowed:
        raise
    except UnidentifiedImageError:
        raise NotAllowed("This is no picture: choose a JPEG, PNG, WebP or GIF file.") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise NotAllowed(_TOO_MANY) from None
    except Exception as fault:  # decoders meet broken files in many ways, and none is ours
        raise NotAllowed(
            "This picture is broken: open it in another program and save it."
        ) from fault
    said = "It moves: only its first picture is kept, as many mail apps show no other."
    return image, said if moves else ""


def _hold_to_bounds(image: Image.Image) -> None:
    # Its size stands in the head of the file: nothing has been decoded so far.
    width, height = image.size
    if width * height > PIXELS:
        raise NotAllowed(_TOO_MANY)


def _in_plain_colours(image: Image.Image) -> Image.Image:
    """The picture in sRGB, with transparency only where there is some."""
    profile = image.info.get("icc_profile")
    has_alpha = image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info
    if profile and image.mode in {"RGB", "CMYK"}:
        image = _to_srgb(image, profile)
    image = image.convert("RGBA" if has_alpha else "RGB")
    if has_alpha and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    image.info.clear()
    return image


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return (
            ImageCms.profileToProfile(
                image, given, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
            or image
        )
    except (ImageCms.PyCMSError, OSError, ValueError):  # a profile that is broken says nothing
        return image


def _cropped(image: Image.Image, crop: Crop) -> Image.Image:
    width = min(image.width, round(image.height * crop.ratio))
    height = min(image.height, round(image.width / crop.ratio))
    left = _start(image.width, width, crop.across)
    top = _start(image.height, height, crop.down)
    return image.crop((left, top, left + width, top + height))


def _start(whole: int, part: int, centre: int) -> int:
    return min(max(0, round(whole * centre / 100 - part / 2)), whole - part)


def _encoded(image: Image.Image) -> tuple[bytes, str]:
    """The smallest file that is good enough: PNG for drawings and transparency, JPEG for photos."""
    if image.mode == "RGBA":
        return _png(image), "png"
    drawn = image.getcolors(_COLOURS)
    png = _png(image) if drawn else b""
    jpeg = b""
    for quality in _QUALITIES:
        jpeg = _saved(image, "JPEG", quality=quality, optimize=True, progressive=True)
        if len(jpeg) <= WANTED:
            break
    return (png, "png") if png and len(png) <= len(jpeg) else (jpeg, "jpg")


def _png(image: Image.Image) -> bytes:
    whole = _saved(image, "PNG", optimize=True)
    if len(whole) <= WANTED:
        return whole
    method = Image.Quantize.FASTOCTREE
    return _saved(image.quantize(_COLOURS, method=method), "PNG", optimize=True)


def _saved(image: Image.Image, kind: str, **options: bool | int) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()
