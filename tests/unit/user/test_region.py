import pytest

from harness.user.region import WHOLE, Box, Region


def test_a_region_scales_with_the_screen() -> None:
    assert Region(0.5, 0, 1, 0.25).within(1024, 768) == Box(0, 512, 512, 192)
    assert Region(0.5, 0, 1, 0.25).within(1920, 1080) == Box(0, 960, 960, 270)


@pytest.mark.parametrize("edges", [(0.5, 0, 0.5, 1), (0, 0.8, 1, 0.2), (-0.1, 0, 1, 1), (0, 0, 1, 1.1)])
def test_a_region_off_the_screen_is_refused(edges: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="no part of a screen"):
        Region(*edges)


def test_a_tiny_region_has_at_least_one_pixel() -> None:
    assert Region(0, 0, 0.001, 0.001).within(100, 100) == Box(0, 0, 1, 1)


def test_boxes_join_and_meet() -> None:
    left, right = Box(10, 10, 20, 5), Box(12, 40, 10, 10)
    assert left.around(right) == Box(10, 10, 40, 12)
    assert not left.overlaps(right)
    assert left.overlaps(left.moved(right=19, down=4))
    assert not left.overlaps(left.moved(right=20, down=0))
    assert right.centre == (45, 17)


def test_the_whole_is_the_whole() -> None:
    assert WHOLE.within(800, 600) == Box(0, 0, 800, 600)
