"""A row that is moved swaps with its neighbour, and stays at either end."""

from contacts.ordering import move


class Placed:
    position = 5


def test_rows_are_moved_a_place_and_numbered_anew() -> None:
    first, second, third = rows = [Placed() for _ in range(3)]

    assert move(rows, second, up=True) == 1
    assert [each.position for each in (second, first, third)] == [0, 1, 2]
    assert move(rows, third, up=False) is None
    assert move(rows, first, up=True) is None
