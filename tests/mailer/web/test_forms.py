"""Forms: posted text becomes typed values, and whatever can't be taken is said and not lost."""

import io
from dataclasses import dataclass

import pytest
from flask import Flask, request
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from mailer.web import forms, paths


@dataclass(frozen=True, slots=True)
class Sample:
    """One field of each kind."""

    name: str = ""
    note: str = forms.text(longest=10, lines=True)
    password: str = forms.text(exact=True)
    find: str = forms.text(longest=3, cut=True)
    version: int | None = None
    days: int | None = forms.number(least=1, most=27)
    agreed: bool = False
    way: str = forms.choice("up", "down")
    roles: tuple[str, ...] = ()


def read(*posted: tuple[str, str]) -> tuple[Sample, forms.Problems]:
    return forms.read(Sample, MultiDict(posted))


def test_nothing_posted_is_everything_at_its_default() -> None:
    assert read() == (Sample(), [])


def test_each_kind_is_read_by_its_type() -> None:
    form, problems = read(
        *(("name", "  Ann\x00 Bell "), ("note", "a\r\nb"), ("password", " x\t"), ("find", "wxyz")),
        *(("version", "12"), ("days", "27"), ("agreed", "yes"), ("way", "down")),
        *(("roles", "leader"), ("roles", "officer")),
    )

    assert problems == []
    assert form == Sample(
        "Ann  Bell", "a\nb", " x\t", "wxy", 12, 27, True, "down", ("leader", "officer")
    )


def test_a_value_that_is_too_long_is_refused_and_not_cut() -> None:
    form, problems = read(("note", "x" * 11))

    assert form.note == "x" * 11
    assert problems == [("note", "Shorten this: it has 11 characters, 10 is the most.")]


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("twelve", "Write a whole number."),
        ("1.5", "Write a whole number."),
        ("٣", "Write a whole number."),
        ("9" * 40, "Write a whole number."),
        ("0", "Write a number from 1 to 27."),
        ("-3", "Write a number from 1 to 27."),
        ("28", "Write a number from 1 to 27."),
    ],
)
def test_an_invalid_number_is_a_sentence(written: str, sentence: str) -> None:
    form, problems = read(("days", written))

    assert form.days is None
    assert problems == [("days", sentence)]


def test_a_choice_that_is_not_offered_and_too_many_values_are_refused() -> None:
    form, problems = read(("way", "sideways"), *[("roles", "x")] * 1_001)

    assert (form.way, form.roles) == ("up", ())
    assert [name for name, _ in problems] == ["way", "roles"]


@pytest.mark.parametrize(
    ("page", "number"), [("2", 2), ("0", 1), ("-1", 1), ("x", 1), ("9" * 30, 1)]
)
def test_an_invalid_page_number_is_the_first_page(page: str, number: int) -> None:
    with Flask("test").test_request_context(f"/?page={page}"):
        assert forms.page() == number


@given(st.lists(st.tuples(st.sampled_from(list(Sample.__slots__)), st.text())))
def test_any_posted_text_is_read_without_an_error(posted: list[tuple[str, str]]) -> None:
    form, _ = read(*posted)

    one_line = form.name + form.find + "".join(form.roles)
    assert not any(char in one_line for char in "\0\r\n\x7f")
    assert form.version is None or 0 <= form.version < 2**63


def test_no_nul_gets_past_the_door_whoever_reads_the_form() -> None:
    app = Flask("test")
    forms.parse_first(app)

    @app.post("/")
    def show() -> str:
        return repr(list(request.form.items(multi=True)))

    answer = app.test_client().post("/", data={"a\0": "b\0c", "d": ["e", "f"]})

    assert answer.text == "[('a ', 'b c'), ('d', 'e'), ('d', 'f')]"


@pytest.mark.parametrize("octets", ["\0", "a\nb", "\x7f", "\xed\xa0\x80", "\xff"])
def test_a_path_that_is_no_text_is_refused_before_any_view(octets: str) -> None:
    app = Flask("test")
    paths.bound_paths(app)
    app.add_url_rule("/<name>", view_func=lambda name: name)

    answer = app.test_client().get("/", environ_overrides={"PATH_INFO": f"/{octets}"})
    assert answer.status_code == 400
    assert app.test_client().get("/Z%C3%B6e?text=a%00b").status_code == 400
    assert app.test_client().get("/Z%C3%B6e?text=a%0Ab").text == "Zöe"


def test_the_name_of_a_file_is_one_line_of_bounded_length() -> None:
    sent = {"file": (io.BytesIO(b"x"), f"{'x' * 300}a\vb.csv")}
    with Flask("test").test_request_context(method="POST", data=sent):
        file, name = forms.upload("file")

    assert file is not None
    assert len(name) == 200
    assert name.endswith("xa b.csv")


@pytest.mark.parametrize(("written", "number"), [("3", 3), ("3000000", 9), ("-1", 0), ("1e3", 0)])
def test_a_number_of_rows_is_bounded_whatever_is_written(written: str, number: int) -> None:
    assert forms.count(MultiDict([("rows", written)]), "rows", most=9) == number
