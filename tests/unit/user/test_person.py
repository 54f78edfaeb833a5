import pytest

from harness.user.expectation import NotSeen, Patience
from harness.user.fakes import FakeConsole, FakeMachine
from harness.user.keyboard import Keyboard
from harness.user.keys import NAMED_KEYS
from harness.user.person import Person
from harness.user.picture import Picture
from harness.user.pointer import LEFT, RIGHT, Pointer
from harness.user.reading import Tesseract
from harness.user.region import WORK_AREA
from harness.user.screen import Screen


class Overview(FakeMachine):
    """As much of a GNOME overview as opening a program takes."""

    def __init__(self, text: str = "Desktop", *, size: tuple[int, int] = (640, 480)) -> None:
        super().__init__(text, size=size)
        self.program = ""
        self.opened = False

    def capture(self) -> Picture:
        picture = super().capture()
        if self.opened:  # a window has a ground of its own
            window = picture.box(WORK_AREA)
            rows = slice(window.top + window.height // 2, window.bottom)
            picture.pixels[rows, window.left : window.right] //= 2
        return picture

    def key(self, keysym: int, *, down: bool) -> None:
        super().key(keysym, down=down)
        if not down:
            return
        if keysym == NAMED_KEYS["super"]:
            self.text = "\n" + " " * 40 + "Type to search"
        elif keysym == NAMED_KEYS["return"]:
            self.text = f"\n\n\nUntitled - {self.program}"
            self.opened = True
        else:
            self.program += chr(keysym) if keysym < 0x7F else ""
            field, icon = " " * 40 + self.program, "\n\n\n" + self.program
            self.text = f"\n{field}{icon}"


def at(machine: FakeMachine, reader: Tesseract, patience: Patience) -> Person:
    return Person(
        Screen(machine, reader, patience),
        Keyboard(machine, patience),
        Pointer(machine, patience),
        FakeConsole({}, {}),
        patience,
    )


def test_a_click_lands_on_the_word(tesseract: Tesseract, instant: Patience) -> None:
    machine = FakeMachine("Cancel        Save")
    found = at(machine, tesseract, instant).click("Save")
    x, y, buttons = machine.pointer_events[1]
    assert buttons == LEFT
    assert found.box.left < x < found.box.right
    assert found.box.top < y < found.box.bottom
    assert x > 100


def test_a_click_waits_until_the_pointer_is_seen(tesseract: Tesseract, instant: Patience) -> None:
    machine = FakeMachine("Cancel        Save")
    machine.before_capture = lambda number: setattr(
        machine, "text", "Cancel        Save" if number < 6 else "Cancel        SAVE"
    )
    looks_before: list[int] = []
    pointer = machine.pointer

    def note(x: int, y: int, buttons: int) -> None:
        pointer(x, y, buttons)
        if buttons == LEFT:
            looks_before.append(machine.captures)

    machine.pointer = note  # type: ignore[method-assign]
    at(machine, tesseract, instant).click("Save")
    assert looks_before == [6]


def test_other_clicks_land_too(tesseract: Tesseract, instant: Patience) -> None:
    machine = FakeMachine("report.txt        Trash")
    person = at(machine, tesseract, instant)
    person.right_click("report.txt")
    assert RIGHT in {buttons for *_, buttons in machine.pointer_events}
    machine.pointer_events.clear()
    person.double_click("Trash")
    assert [buttons for *_, buttons in machine.pointer_events].count(LEFT) == 2


def test_a_click_on_what_is_not_there_fails_without_clicking(tesseract: Tesseract, instant: Patience) -> None:
    machine = FakeMachine("Cancel")
    with pytest.raises(NotSeen, match="'Save'"):
        at(machine, tesseract, instant).click("Save", within=2)
    assert {buttons for *_, buttons in machine.pointer_events} == {0}


def test_a_desktop_shows_the_time(tesseract: Tesseract, instant: Patience) -> None:
    at(FakeMachine(" " * 60 + "01:17", size=(640, 960)), tesseract, instant).leave_overview(within=2)
    dark = at(FakeMachine("Booting from ROM...", size=(640, 960)), tesseract, instant)
    with pytest.raises(NotSeen, match="the clock of a desktop's top bar"):
        dark.leave_overview(within=2)


def test_what_moves_is_clicked_where_it_comes_to_rest(tesseract: Tesseract, instant: Patience) -> None:
    machine = FakeMachine("Save")

    def slide(look: int) -> None:
        machine.text = " " * 4 * min(look, 5) + "Save"

    machine.before_capture = slide
    at(machine, tesseract, instant).click("Save")
    clicked = [event for event in machine.pointer_events if event[2] == LEFT]
    machine.pointer_events.clear()
    at(machine, tesseract, instant).click("Save")
    assert clicked == [event for event in machine.pointer_events if event[2] == LEFT]


def test_what_moves_while_the_pointer_comes_is_followed(tesseract: Tesseract, instant: Patience) -> None:
    machine = FakeMachine("\n\nBrowse\n\nSend it", size=(480, 240))
    pointer = machine.pointer

    def lay_out_anew(x: int, y: int, buttons: int) -> None:
        pointer(x, y, buttons)
        machine.text = "Browse\n\nSend it"

    machine.pointer = lay_out_anew  # type: ignore[method-assign]
    found = at(machine, tesseract, instant).click("Browse")
    (clicked,) = [event for event in machine.pointer_events if event[2] == LEFT]
    assert clicked[:2] == found.box.centre
    assert found.box.top < 40


def test_what_never_comes_to_rest_is_not_clicked(tesseract: Tesseract, instant: Patience) -> None:
    machine = FakeMachine("Save")

    def slide(look: int) -> None:
        machine.text = " " * 4 * (look % 6) + "Save"

    machine.before_capture = slide
    with pytest.raises(NotSeen, match="the text 'Save' coming to rest"):
        at(machine, tesseract, instant).click("Save", within=5)
    assert not [event for event in machine.pointer_events if event[2] == LEFT]


def test_a_pointer_that_lies_on_a_word_is_put_aside(tesseract: Tesseract, instant: Patience) -> None:
    class WithPointer(FakeMachine):
        def capture(self) -> Picture:
            pixels = super().capture().pixels.copy()
            x, y, _buttons = self.pointer_events[-1]
            pixels[y - 20 : y + 20, x - 20 : x + 20] = 0
            return Picture(pixels)

    machine = WithPointer("Continue")
    person = at(machine, tesseract, instant)
    person.pointer.move((40, 30))
    assert person.screen.find_all_text("Continue") == []
    person.click("Continue")
    assert (479, 80, 0) in machine.pointer_events


def test_a_program_is_opened_from_the_overview(tesseract: Tesseract, instant: Patience) -> None:
    machine = Overview()
    at(machine, tesseract, instant).open_from_overview("Text Editor", window="Untitled")
    assert machine.program == "Text Editor"
    assert "Untitled - Text Editor" in machine.text


@pytest.mark.parametrize("missed", [0, 1, 2])
def test_a_program_is_opened_from_the_menu(missed: int, tesseract: Tesseract, instant: Patience) -> None:
    class Menu(Overview):
        """Opens by a click, goes where the pointer lies, and may miss the click on a program."""

        to_miss = missed

        def pointer(self, x: int, y: int, buttons: int) -> None:
            super().pointer(x, y, buttons)
            clicked, in_menu = buttons == LEFT, y > 50 and x < 600
            if clicked and "open" not in self.text and not self.opened:
                self.text = "Apps open\n\nInternet"
            elif in_menu and "E" not in self.text and not self.opened:
                self.text = "Apps open\n\nInternet\n\nElectrum"
            elif in_menu and clicked and self.to_miss:
                self.to_miss -= 1
                self.text = self.text.replace("Electrum", "E")  # the pointer hides it
            elif in_menu and clicked:
                self.text, self.opened = "Apps\n\n\n\n\n\nWallet", True

    machine = Menu("Apps", size=(640, 960))
    at(machine, tesseract, instant).open_from_menu("Electrum", "Internet", window="Wallet")
    assert machine.opened
    clicks = [y for _x, y, buttons in machine.pointer_events if buttons == LEFT]
    assert len(clicks) == 2 + missed


@pytest.mark.parametrize("missed", [0, 2])
def test_a_menu_is_looked_into_and_closed_again(missed: int, tesseract: Tesseract, instant: Patience) -> None:
    class Menu(Overview):
        """Opens by a click and closes by Escape, which it may miss."""

        to_miss = missed

        def pointer(self, x: int, y: int, buttons: int) -> None:
            super().pointer(x, y, buttons)
            if buttons == LEFT:
                self.text = "Apps open" + "\nInternet and office and utilities" * 20

        def key(self, keysym: int, *, down: bool) -> None:
            if keysym == NAMED_KEYS["escape"] and down:
                self.to_miss -= 1
                self.text = "Apps" if self.to_miss < 0 else self.text

    machine = Menu("Apps", size=(640, 960))
    assert at(machine, tesseract, instant).look_into_menu()
    assert machine.text == "Apps"
    assert not at(Overview("Activities", size=(640, 960)), tesseract, instant).look_into_menu()


def test_a_click_waits_for_a_menu_that_is_listed_anew(tesseract: Tesseract, instant: Patience) -> None:
    class Menu(Overview):
        """Shows a category's programs at once, and lists them anew a while after the pointer came to it."""

        came = settled = 0

        def pointer(self, x: int, y: int, buttons: int) -> None:
            super().pointer(x, y, buttons)
            if buttons == LEFT and "open" not in self.text and not self.opened:
                self.text = "Apps open\n\nFavorites\n\nElectrum"
            elif y > 50 and x < 600 and not self.came and "open" in self.text:
                self.came = 1
            elif buttons == LEFT and y > 50 and x < 600 and self.settled:
                self.text, self.opened = "Apps\n\n\n\n\n\nWallet", True

        def capture(self) -> Picture:
            if self.came and not self.opened:
                self.came += 1
                self.text = "Apps open\n\nFavorites\n\n" + ("" if self.came == 4 else "Electrum")
                self.settled = self.came > 5
            return super().capture()

    machine = Menu("Apps", size=(640, 960))
    at(machine, tesseract, instant).open_from_menu("Electrum", "Favorites", window="Wallet")
    assert [buttons for *_, buttons in machine.pointer_events].count(LEFT) == 2


def test_a_program_below_the_edge_of_the_menu_is_scrolled_to(tesseract: Tesseract, instant: Patience) -> None:
    class LongMenu(Overview):
        """Lists a page of programs, and the next one when the wheel is turned over them."""

        def pointer(self, x: int, y: int, buttons: int) -> None:
            super().pointer(x, y, buttons)
            if buttons == LEFT and "open" not in self.text and not self.opened:
                self.text = "Apps open\n\nInternet\n\nBirdfont"
            elif buttons == 1 << 4 and "open" in self.text:  # the wheel: RFC 6143, 7.5.5
                assert (x, y < 200) == (160, True), "over other categories, or beside the menu"
                self.text = "Apps open\n\nInternet\n\nWallet"
            elif buttons == LEFT and "Wallet" in self.text:
                self.text, self.opened = "Apps\n\n\n\n\n\nHave a wallet", True

    machine = LongMenu("Apps", size=(640, 960))
    at(machine, tesseract, instant).open_from_menu("Wallet", "Internet", window="Have a wallet")
    assert machine.opened


def test_an_overview_that_was_open_is_opened_again(tesseract: Tesseract, instant: Patience) -> None:
    class Opened(Overview):
        supers = 0

        def key(self, keysym: int, *, down: bool) -> None:
            if keysym != NAMED_KEYS["super"]:
                super().key(keysym, down=down)
            elif down:
                self.supers += 1
                if self.supers == 1:
                    self.text = "Desktop"
                else:
                    super().key(keysym, down=down)

    machine = Opened()
    at(machine, tesseract, instant).open_from_overview("Files")
    assert machine.supers == 2
    assert machine.text.endswith("Untitled - Files")


def test_a_secret_is_typed_unseen(tesseract: Tesseract, instant: Patience) -> None:
    machine = FakeMachine()
    at(machine, tesseract, instant).type_secret("Pa$$")
    assert machine.text == "Pa$$"
    assert machine.captures == 0


class TextScreen(FakeMachine):
    """As much of a login on a text screen as a person answers."""

    def __init__(self) -> None:
        super().__init__("Desktop")
        self.name = ""
        self.secret: str | None = None

    def key(self, keysym: int, *, down: bool) -> None:
        if self.secret is None or keysym == NAMED_KEYS["return"]:
            super().key(keysym, down=down)
        elif down:
            self.secret += chr(keysym)
        if not down:
            return
        if keysym == NAMED_KEYS["f6"]:
            self.text = "amnesia login: "
        elif keysym == NAMED_KEYS["return"] and self.secret is None:
            self.name = self.text.partition("login: ")[2].strip()
            self.text, self.secret = "Password: ", ""
        elif keysym == NAMED_KEYS["return"]:
            self.text = f"{self.name}@amnesia:~$ " if self.secret == "kettle" else "Login incorrect"


def test_a_person_logs_in_on_a_text_screen(tesseract: Tesseract, instant: Patience) -> None:
    machine = TextScreen()
    at(machine, tesseract, instant).log_in_on_text_screen("alice", "kettle")
    assert machine.text == "alice@amnesia:~$ "
    with pytest.raises(NotSeen, match="the prompt of alice's shell"):
        at(TextScreen(), tesseract, instant).log_in_on_text_screen("alice", "teapot")
