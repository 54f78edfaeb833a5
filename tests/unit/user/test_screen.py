import io

import numpy as np
import pytest
from PIL import Image

from harness.deadline import Deadline
from harness.user.expectation import NotSeen, Patience
from harness.user.fakes import FakeMachine
from harness.user.picture import Picture
from harness.user.reading import Line, Tesseract
from harness.user.region import Region
from harness.user.screen import Screen


class CountingReader:
    """Tesseract that counts how often it was asked."""

    def __init__(self, reader: Tesseract) -> None:
        self.reader = reader
        self.reads = 0

    def read(self, picture: Picture) -> list[Line]:
        self.reads += 1
        return self.reader.read(picture)


class Slideshow:
    """A display that shows one picture after the other, and stays with the last."""

    def __init__(self, *pictures: Picture) -> None:
        self.pictures = list(pictures)

    def capture(self) -> Picture:
        return self.pictures.pop(0) if len(self.pictures) > 1 else self.pictures[0]


def shaded(value: int, *, spot: tuple[int, int, int, int] | None = None) -> Picture:
    pixels = np.full((100, 200, 3), value, np.uint8)
    if spot:
        left, top, right, bottom = spot
        pixels[top:bottom, left:right] = 255 - value
    return Picture(pixels)


def test_a_text_that_appears_is_waited_for(tesseract: Tesseract, instant: Patience) -> None:
    machine = FakeMachine("Please wait")

    def change(look: int) -> None:
        if look == 4:
            machine.text = "Please wait\nReady to start"

    machine.before_capture = change
    found = Screen(machine, tesseract, instant).wait_for_text("Ready to start")
    assert machine.captures == 4
    assert found.text == "Ready to start"
    assert found.likeness == 1


def test_a_picture_that_did_not_change_is_read_once(tesseract: Tesseract, instant: Patience) -> None:
    machine, reader = FakeMachine("Please wait"), CountingReader(tesseract)
    with pytest.raises(NotSeen):
        Screen(machine, reader, instant).wait_for_text("Ready", within=20)
    assert machine.captures > 15
    assert reader.reads == 1


def test_a_failed_wait_tells_what_was_there(tesseract: Tesseract, instant: Patience) -> None:
    machine = FakeMachine("Welcome\nPress any key")
    with pytest.raises(NotSeen) as caught:
        Screen(machine, tesseract, instant).wait_for_text("Goodbye", within=7)
    assert isinstance(caught.value, AssertionError)
    assert caught.value.waited == pytest.approx(7)
    assert caught.value.shown == ("Welcome", "Press any key")
    message = str(caught.value)
    assert "not seen after 7 s: the text 'Goodbye'" in message
    assert "Press any key" in message
    assert caught.value.png is not None
    assert Image.open(io.BytesIO(caught.value.png)).size == (480, 160)


def test_a_long_screen_is_cut_short_in_the_message() -> None:
    unseen = NotSeen("x", waited=1, shown=[f"line {n}" for n in range(40)], picture=shaded(0))
    assert "the first 15 of 40 lines" in str(unseen)
    assert "line 14" in str(unseen)
    assert "line 15" not in str(unseen)
    assert "line 39" in str(NotSeen("x", waited=1, shown=unseen.shown))


def test_the_scale_stretches_a_wait_but_not_a_deadline(tesseract: Tesseract, instant: Patience) -> None:
    slow = Patience(seconds=2, scale=5, clock=instant.clock, pause=instant.pause)
    screen = Screen(FakeMachine("nothing"), tesseract, slow)
    with pytest.raises(NotSeen) as caught:
        screen.wait_for_text("Ready")
    assert caught.value.waited == pytest.approx(10)
    with pytest.raises(NotSeen) as caught:
        screen.wait_for_text("Ready", within=Deadline.after(3, clock=instant.clock))
    assert caught.value.waited == pytest.approx(3)


def test_boxes_are_those_of_the_whole_screen(tesseract: Tesseract, instant: Patience) -> None:
    screen = Screen(FakeMachine("upper\nlower\nlowest"), tesseract, instant)
    whole = screen.wait_for_text("lowest").box
    part = screen.wait_for_text("lowest", region=Region(0, 0.4, 0.5, 1)).box
    assert abs(whole.centre[0] - part.centre[0]) <= 2
    assert abs(whole.centre[1] - part.centre[1]) <= 2


def test_a_region_hides_the_rest(tesseract: Tesseract, instant: Patience) -> None:
    screen = Screen(FakeMachine("upper\n\n\nlower"), tesseract, instant)
    assert screen.find_all_text("lower", region=Region(0, 0.5, 1, 1))
    assert not screen.find_all_text("upper", region=Region(0, 0.5, 1, 1))


def test_all_places_come_in_reading_order(tesseract: Tesseract, instant: Patience) -> None:
    found = Screen(FakeMachine("Save it\nthen Save"), tesseract, instant).find_all_text("Save")
    assert [one.text for one in found] == ["Save", "Save"]
    assert found[0].box.top < found[1].box.top


def test_of_several_texts_the_first_in_the_order_given_wins(tesseract: Tesseract, instant: Patience) -> None:
    screen = Screen(FakeMachine("Error\nSuccess"), tesseract, instant)
    assert screen.wait_for_any(["Success", "Error"]).text == "Success"


def test_a_text_that_goes_away_is_waited_for(tesseract: Tesseract, instant: Patience) -> None:
    machine = FakeMachine("Loading")

    def change(look: int) -> None:
        machine.text = "Loading" if look < 3 else "Loaded"

    machine.before_capture = change
    screen = Screen(machine, tesseract, instant)
    screen.wait_until_gone("Loading")
    assert machine.captures == 3
    with pytest.raises(NotSeen, match="'Loaded' going away"):
        screen.wait_until_gone("Loaded", within=2)


def test_a_picture_is_waited_for(tesseract: Tesseract, instant: Patience) -> None:
    icon = np.random.default_rng(3).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    full = shaded(200).pixels.copy()
    full[60:76, 150:166] = icon
    screen = Screen(Slideshow(shaded(200), shaded(200), Picture(full)), tesseract, instant)
    match = screen.wait_for_picture(Picture(icon), region=Region(0.5, 0, 1, 1))
    assert (match.box.left, match.box.top) == (150, 60)
    with pytest.raises(NotSeen):
        screen.wait_for_picture(Picture(icon), region=Region(0, 0, 0.5, 1), within=0)


def test_a_picture_that_does_not_come_tells_how_alike_the_best_place_was(
    tesseract: Tesseract, instant: Patience
) -> None:
    icon = Picture(np.random.default_rng(3).integers(0, 256, (16, 16, 3), dtype=np.uint8))
    with pytest.raises(NotSeen, match=r"16x16 pixels, alike by 0\.92 \(the best place: 0\.00\)"):
        Screen(Slideshow(shaded(200)), tesseract, instant).wait_for_picture(icon, within=2)


def test_still_means_that_nothing_moves_for_a_while(tesseract: Tesseract, instant: Patience) -> None:
    moving = [shaded(200, spot=(step * 20, 10, step * 20 + 20, 60)) for step in range(8)]
    began = instant.clock()
    last = Screen(Slideshow(*moving), tesseract, instant).wait_until_still(seconds=3)
    assert np.array_equal(last.pixels, moving[-1].pixels)
    assert instant.clock() - began >= 3


def test_a_blinking_cursor_is_still(tesseract: Tesseract, instant: Patience) -> None:
    blinking = [shaded(200, spot=(10, 10, 12, 10 + 20 * (step % 2))) for step in range(60)]
    Screen(Slideshow(*blinking), tesseract, instant).wait_until_still(seconds=2, within=4)


def test_a_slow_fade_is_movement(tesseract: Tesseract, instant: Patience) -> None:
    fading = [shaded(200 - 2 * step) for step in range(60)]
    with pytest.raises(NotSeen, match="stands still"):
        Screen(Slideshow(*fading), tesseract, instant).wait_until_still(seconds=10, within=20)


def test_a_change_is_waited_for_and_a_blinking_cursor_is_none(
    tesseract: Tesseract, instant: Patience
) -> None:
    blinking = [shaded(200, spot=(10, 10, 12, 10 + 20 * (step % 2))) for step in range(4)]
    changed = shaded(200, spot=(50, 50, 90, 90))
    screen = Screen(Slideshow(*blinking, changed), tesseract, instant)
    assert screen.wait_until_changed(blinking[0]) is changed
    with pytest.raises(NotSeen, match="a change on the screen"):
        screen.wait_until_changed(changed, within=2)


def test_a_new_resolution_is_movement(tesseract: Tesseract, instant: Patience) -> None:
    small = Picture(np.full((50, 100, 3), 200, np.uint8))
    display = Slideshow(small, shaded(200))
    last = Screen(display, tesseract, instant).wait_until_still(seconds=1)
    assert (last.width, last.height) == (200, 100)


class Hasty(CountingReader):
    """Sees nothing in large pictures, as tesseract leaves words out of a full screen."""

    def read(self, picture: Picture) -> list[Line]:
        lines = super().read(picture)
        return [] if picture.height > 300 else lines


def test_what_a_hasty_look_misses_has_not_gone(tesseract: Tesseract, instant: Patience) -> None:
    machine = FakeMachine("\n" * 11 + "Export As", size=(480, 600))
    screen = Screen(machine, Hasty(tesseract), instant)
    with pytest.raises(NotSeen, match="'Export As' going away"):
        screen.wait_until_gone("Export As", within=3)
    machine.text = "Exported"
    screen.wait_until_gone("Export As", within=3)


def test_what_a_still_screen_does_not_show_is_looked_for_more_closely(
    tesseract: Tesseract, instant: Patience
) -> None:
    reader = Hasty(tesseract)
    screen = Screen(FakeMachine("\n" * 11 + "Export As", size=(480, 600)), reader, instant)
    assert screen.find_all_text("Export As") == []
    assert screen.find_all_text("Export As") == []  # at once again: as before
    found = screen.wait_for_text("Export As")
    assert 250 < found.box.top < 400
    reads = reader.reads
    assert screen.find_all_text("Export As") == [found]
    assert reader.reads == reads
