import numpy as np
import pytest

from harness.errors import HostError
from harness.user.matching import find_picture, has_moved
from harness.user.picture import Picture
from harness.user.region import Box

RANDOM = np.random.default_rng(11)


def screen_with(icon: Picture, left: int, top: int) -> Picture:
    pixels = np.full((200, 300, 3), 240, np.uint8)
    pixels[top : top + icon.height, left : left + icon.width] = icon.pixels
    return Picture(pixels)


def icon() -> Picture:
    return Picture(RANDOM.integers(0, 256, (24, 32, 3), dtype=np.uint8))


def test_a_picture_is_found_where_it_is() -> None:
    wanted = icon()
    match = find_picture(wanted, screen_with(wanted, 120, 77))
    assert match is not None
    assert match.box == Box(77, 120, 32, 24)
    assert match.likeness == pytest.approx(1, abs=1e-3)


def test_another_picture_is_not_alike() -> None:
    match = find_picture(icon(), screen_with(icon(), 120, 77))
    assert match is not None
    assert match.likeness < 0.5


def test_flat_places_of_the_screen_are_alike_to_nothing() -> None:
    match = find_picture(icon(), Picture(np.full((200, 300, 3), 128, np.uint8)))
    assert match is not None
    assert match.likeness == 0


@pytest.mark.parametrize("noise", [0, 2])
def test_a_flat_reference_is_refused(noise: int) -> None:
    flat = Picture((200 + RANDOM.integers(0, noise + 1, (20, 20, 3))).astype(np.uint8))
    with pytest.raises(HostError, match="nearly flat"):
        find_picture(flat, screen_with(icon(), 5, 5))


def test_a_reference_larger_than_the_screen_is_not_found() -> None:
    wanted = icon()
    assert find_picture(wanted, Picture(wanted.pixels[:, :-1])) is None


def test_what_stands_elsewhere_now_has_moved() -> None:
    shown, box = icon(), Box(77, 120, 32, 24)
    before = screen_with(shown, 120, 77)
    assert has_moved(box, before, screen_with(shown, 120, 53))
    assert not has_moved(box, before, screen_with(shown, 120, 77))


def test_what_is_covered_or_gone_has_not_moved_though_another_looks_like_it() -> None:
    shown, box = icon(), Box(77, 120, 32, 24)
    before, now = screen_with(shown, 120, 77), screen_with(icon(), 120, 77)
    assert not has_moved(box, before, now)
    for screen in (before, now):
        screen.pixels[10:34, 10:42] = shown.pixels  # a second one, which was there all along
    assert not has_moved(box, before, now)


def test_of_what_is_flat_nobody_can_tell_whether_it_has_moved() -> None:
    flat = Picture(np.full((24, 32, 3), 200, np.uint8))
    assert not has_moved(Box(77, 120, 32, 24), screen_with(flat, 120, 77), screen_with(flat, 120, 53))
