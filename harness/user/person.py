"""A person at the machine: what a step gets, with verbs that read aloud."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from pathlib import Path

from harness.user.console import Console, SerialConsole
from harness.user.expectation import NotSeen, Patience
from harness.user.keyboard import Keyboard
from harness.user.matching import has_moved
from harness.user.picture import Picture
from harness.user.pointer import Point, Pointer
from harness.user.reading import Tesseract
from harness.user.region import (
    CLOCK,
    LEFT_HALF,
    OVERVIEW_RESULTS,
    OVERVIEW_SEARCH,
    START_OF_TOP_BAR,
    WHOLE,
    WORK_AREA,
    Region,
)
from harness.user.screen import FoundText, Screen, Within
from harness.user.vnc import VncDisplay
from harness.user.writing import Erase, type_and_check

# A program's first start reads hundreds of files off a compressed disc.
_PROGRAM_STARTS = 60.0
_OVERVIEW_BEGINS = 6.0
_OVERVIEW_OPENS = 8.0
_MENU_LISTS = 10.0
_MENU_IS_SEEN = 1.0
_MENU_CLOSES = 1.5
_MENU_RESTS = 0.35
"""The menu lists a category anew when the pointer comes to it, and a click on what is replaced is lost."""
_MENU_PAGES = 4
_NOTCHES = 3
"""Of the wheel: less than a page of GNOME's applications menu, whatever the toolkit makes of a notch."""
_PRESSES = 4
_FOLLOWS = 4
_BETWEEN_LOOKS = 0.5
_POINTER_LEAVES = 0.2
_POINTER_ARRIVES = 1.5
_POINTER_REACHES = 24
_POINTER_PIXELS = 40
"""An arrow of GNOME's has 24 by 24 pixels and fills a third of them."""
_LOOKS_FOR_POINTER = 4.0
"""Late: a pointer that leaves takes a click with it that a busy shell has not taken yet, and closes menus."""
_TEXT_SCREEN = "ctrl-alt-F6"
"""The one that logind keeps free for a login (ReserveVT in logind.conf(5)); a desktop may be on any other."""
_TIME = re.compile(r"\d ?: ?\d\d")


class Person:
    """Eyes and hands at one machine.

    Attributes:
        screen: what is seen.
        keyboard: keys and text, unread.
        pointer: clicks, in pixels.
        console: the text console.
        patience: how long a person waits.
    """

    def __init__(
        self, screen: Screen, keyboard: Keyboard, pointer: Pointer, console: Console, patience: Patience
    ) -> None:
        self.screen = screen
        self.keyboard = keyboard
        self.pointer = pointer
        self.console = console
        self.patience = patience

    def see(
        self, text: str, *, region: Region = WHOLE, exact: bool = False, within: Within = None
    ) -> FoundText:
        """Wait until `text` is on the screen. The pointer may lie on it, and is then put aside.

        Raises:
            NotSeen: it did not appear.
        """
        deadline = self.patience.deadline(within)
        for _ in self.patience.looks(self.patience.deadline(_LOOKS_FOR_POINTER)):
            found = self.screen.find_text(text, region=region, exact=exact)
            if found is not None:
                return found
            if deadline.expired:
                break
        self._put_pointer_aside()
        return self.screen.wait_for_text(text, region=region, exact=exact, within=deadline)

    def see_no(self, text: str, *, region: Region = WHOLE, within: Within = None) -> None:
        """Wait until `text` is off the screen.

        Raises:
            NotSeen: it stayed.
        """
        self.screen.wait_until_gone(text, region=region, within=within)

    def click(
        self, text: str, *, region: Region = WHOLE, exact: bool = False, within: Within = None
    ) -> FoundText:
        """Wait for `text` and click in its middle.

        Raises:
            NotSeen: it did not appear.
        """
        found = self._reach(text, region=region, exact=exact, within=within)
        self.pointer.click(found.box.centre)
        return found

    def double_click(self, text: str, *, region: Region = WHOLE, within: Within = None) -> FoundText:
        """Wait for `text` and click in its middle twice."""
        found = self._reach(text, region=region, within=within)
        self.pointer.double_click(found.box.centre)
        return found

    def right_click(self, text: str, *, region: Region = WHOLE, within: Within = None) -> FoundText:
        """Wait for `text` and click in its middle with the right button."""
        found = self._reach(text, region=region, within=within)
        self.pointer.right_click(found.box.centre)
        return found

    def click_picture(self, wanted: Picture, *, region: Region = WHOLE, within: Within = None) -> None:
        """Wait for a picture and click in its middle: for icons, which have no text."""
        match = self.screen.wait_for_picture(wanted, region=region, within=within)
        self._bring_pointer(match.box.centre)
        self.pointer.click(match.box.centre)

    def press(self, keys: str, *, times: int = 1) -> None:
        """Press a key or a combination, such as "ctrl-s"."""
        self.keyboard.press(keys, times=times)

    def type(
        self, text: str, *, region: Region = WHOLE, erase: Erase = Erase.FIELD, within: Within = 10
    ) -> None:
        """Type `text` and read it back in `region`; a lost key makes it typed again.

        Raises:
            NotSeen: it could not be typed.
        """
        type_and_check(
            text, keyboard=self.keyboard, screen=self.screen, region=region, erase=erase, within=within
        )

    def type_secret(self, text: str) -> None:
        """Type what the screen does not show: a passphrase. Nothing can be read back."""
        self.keyboard.type(text)

    def log_in_on_text_screen(self, user: str, password: str, *, within: Within = None) -> None:
        """Switch to a text screen, behind the desktop where there is one, and be at a shell of `user`.

        Raises:
            NotSeen: it does not ask for a name or a password, or shows no shell's prompt after it.
        """
        self.press(_TEXT_SCREEN)
        self.see("login:", within=within)
        self.type(user, erase=Erase.SHELL_LINE)
        self.press("Return")
        self.see("Password", within=within)
        self.type_secret(password)
        self.press("Return")
        self.screen.wait_for(
            lambda read: f"{user}@" in read.replace(" ", ""), f"the prompt of {user}'s shell", within=within
        )

    def open_from_overview(self, program: str, *, window: str | None = None, within: Within = None) -> None:
        """Open a program as GNOME's users do: Super, its name, Return; wait for its window.

        A window is something that covers part of the desktop, once the overview has closed, and
        stands still: titles name documents or folders more often than programs, and a list of
        windows names a program before it shows.

        Args:
            program: what to search for, as the result is labelled.
            window: a text that its window shows, where there is one to wait for.
            within: how long its window may take.

        Raises:
            NotSeen: the overview, the result or the window did not appear.
        """
        desktop = self.screen.capture()
        self._open_overview()
        self.type(program, region=OVERVIEW_SEARCH)
        # Under its icon a long name is cut short.
        self.see(program.split(maxsplit=1)[0], region=OVERVIEW_RESULTS)
        overview = self.screen.capture()
        self.press("Return")
        self.screen.wait_until_changed(overview, region=OVERVIEW_SEARCH)
        self._wait_for_window(desktop, window, within)

    def open_from_menu(
        self, program: str, category: str, *, window: str | None = None, within: Within = None
    ) -> None:
        """Open a program as Tails' users do: Apps, a category, its name; wait for its window.

        Args:
            program: as the menu calls it.
            category: the category of the menu that holds it.
            window: a text that its window shows, where there is one to wait for.
            within: how long its window may take.

        Raises:
            NotSeen: the menu, the category, the program or the window did not appear.
        """
        desktop = self._desktop_at_rest(within)
        self.click("Apps", region=START_OF_TOP_BAR)
        at_category = self._see_at_rest(category, region=LEFT_HALF, within=within).box.centre
        self.pointer.move(at_category)
        self.screen.wait_until_still(seconds=_MENU_RESTS, region=LEFT_HALF, within=within)
        # The entries at the height of the category: on the way to another height lie other categories.
        place = self._find_in_menu(program, (desktop.width // 4, at_category[1]))
        self._until_menu_closes(lambda: self.pointer.click(place), desktop)
        self._wait_for_window(desktop, window, within)

    def _desktop_at_rest(self, within: Within) -> Picture:
        """The desktop, with nothing lit by the pointer.

        Raises:
            NotSeen: it does not come to rest.
        """
        self._put_pointer_aside()
        return self.screen.wait_until_still(seconds=_POINTER_LEAVES, within=within)

    def _find_in_menu(self, program: str, entries: Point) -> Point:
        """Where the program stands; the wheel, turned over the entries, brings what lies below the edge."""
        for _ in range(_MENU_PAGES):
            with contextlib.suppress(NotSeen):
                return self._see_at_rest(program, region=LEFT_HALF, within=_MENU_LISTS).box.centre
            self.pointer.scroll(entries, _NOTCHES)
        return self._see_at_rest(program, region=LEFT_HALF).box.centre

    def _until_menu_closes(self, act: Callable[[], None], desktop: Picture) -> None:
        """Act until the menu closes: a busy shell can miss a click, and a menu left open starts nothing."""
        for _ in range(_PRESSES):
            act()
            with contextlib.suppress(NotSeen):
                self.screen.wait_until_like(desktop, region=START_OF_TOP_BAR, within=_MENU_CLOSES)
                return

    def _wait_for_window(self, desktop: Picture, window: str | None, within: Within) -> None:
        """Wait until the desktop is as before at the top, and something stands still on it.

        The pointer is put aside: what it happens to lie on would answer with hints that cover the window.
        """
        deadline = self.patience.deadline(_PROGRAM_STARTS if within is None else within)
        self.screen.wait_until_like(desktop, region=START_OF_TOP_BAR, within=deadline)
        self.screen.wait_until_settled_unlike(desktop, region=WORK_AREA, within=deadline)
        self._put_pointer_aside()
        if window is not None:
            self.see(window, within=deadline)

    def _reach(
        self, text: str, *, region: Region = WHOLE, exact: bool = False, within: Within = None
    ) -> FoundText:
        """Wait for `text` to be at rest and bring the pointer there; what moves meanwhile is followed.

        A browser lays a page out anew while it loads: the pointer may arrive late, on what came in its place.

        Raises:
            NotSeen: it is not there, or never came to rest.
        """
        for _ in range(_FOLLOWS):
            found = self._see_at_rest(text, region=region, exact=exact, within=within)
            seen = self.screen.last
            self._bring_pointer(found.box.centre)
            now = self.screen.last
            if seen is None or now is None or not has_moved(found.box, seen, now):
                break
        return found

    def _see_at_rest(
        self, text: str, *, region: Region = WHOLE, exact: bool = False, within: Within = None
    ) -> FoundText:
        """Wait until `text` is there and does not move: a window that still opens takes no click.

        Raises:
            NotSeen: it is not there, or never came to rest.
        """
        deadline = self.patience.deadline(within)
        started = self.patience.clock()
        before: FoundText | None = None
        for _ in self.patience.looks(deadline, first=_BETWEEN_LOOKS, longest=_BETWEEN_LOOKS):
            found = self.see(text, region=region, exact=exact, within=deadline)
            if before is not None and found.box == before.box:
                return found
            before = found
        raise NotSeen(
            f"the text {text!r} coming to rest",
            waited=self.patience.clock() - started,
            shown=[line.text for line in self.screen.read(region)],
            picture=self.screen.last,
        )

    def _bring_pointer(self, to: Point) -> None:
        """Move the pointer and see it arrive: a busy desktop shows it late, and takes no click before.

        Where a screen is sent without its pointer, nothing tells; a click is as good as ever there.
        """
        before = self.screen.last or self.screen.capture()
        if self.pointer.position == to:
            return
        self.pointer.move(to)
        place = Region.about(to, _POINTER_REACHES, before.width, before.height)
        with contextlib.suppress(NotSeen):
            self.screen.wait_until_changed(
                before, region=place, changing=_POINTER_PIXELS, within=_POINTER_ARRIVES
            )

    def _put_pointer_aside(self) -> None:
        """To the edge of the screen where the fewest things answer to a pointer that only lies there."""
        screen = self.screen.last or self.screen.capture()
        edge = (screen.width - 1, screen.height // 2)
        if self.pointer.position != edge:
            self.pointer.move(edge)

    def _open_overview(self) -> None:
        """Press Super until the overview begins to open: a busy shell can miss the first press.

        Pressing it again merely because the search field is not there yet would close it again.
        """
        for _ in range(_PRESSES):
            before = self.screen.capture()
            self.press("super")
            try:
                self.screen.wait_until_changed(before, region=OVERVIEW_SEARCH, within=_OVERVIEW_BEGINS)
                self.see("Type to search", region=OVERVIEW_SEARCH, within=_OVERVIEW_OPENS)
            except NotSeen:
                continue
            return
        self.see("Type to search", region=OVERVIEW_SEARCH, within=0)

    def look_into_menu(self, within: Within = None) -> bool:
        """Open the applications menu and close it again, as a person does who wonders what there is.

        Returns:
            Whether it was seen: a desktop may have none, and a busy one may miss a click.

        Raises:
            NotSeen: it does not close.
        """
        deadline = self.patience.deadline(within)
        desktop = self._desktop_at_rest(deadline)
        try:
            self.click("Apps", region=START_OF_TOP_BAR, within=_MENU_IS_SEEN)
        except NotSeen:
            return False
        self._put_pointer_aside()
        opened = False
        with contextlib.suppress(NotSeen):
            self.screen.wait_until_settled_unlike(desktop, region=LEFT_HALF, within=_MENU_LISTS)
            opened = True
        self._until_menu_closes(lambda: self.press("Escape"), desktop)
        self.screen.wait_until_like(desktop, region=START_OF_TOP_BAR, within=deadline)
        return opened

    def leave_overview(self, within: Within = None) -> None:
        """Close GNOME's overview, which is open after a login; nothing happens when it is closed already.

        Raises:
            NotSeen: no desktop is shown, or the overview stays.
        """
        deadline = self.patience.deadline(within)
        self.screen.wait_for(_shows_time, "the clock of a desktop's top bar", region=CLOCK, within=deadline)
        self.screen.wait_until_still(within=deadline)
        if self.screen.find_all_text("Type to search", region=OVERVIEW_SEARCH):
            self.press("super")
            self.see_no("Type to search", region=OVERVIEW_SEARCH, within=deadline)


def _shows_time(text: str) -> bool:
    return _TIME.search(text) is not None


class SeatedPerson(Person):
    """A person at a real machine.

    Args:
        vnc: the machine's VNC socket.
        serial: the machine's serial socket.
        scale: what waiting times are multiplied by, above 1 under a slow accelerator.
        reader: tesseract, which takes 0.2 s to load and is worth sharing.
    """

    def __init__(self, vnc: Path, serial: Path, *, scale: float = 1.0, reader: Tesseract) -> None:
        patience = Patience(scale=scale)
        self._display = VncDisplay(vnc, patience)
        self._serial = SerialConsole(serial, patience)
        super().__init__(
            Screen(self._display, reader, patience),
            Keyboard(self._display, patience),
            Pointer(self._display, patience),
            self._serial,
            patience,
        )

    def close(self) -> None:
        """Close both connections. The machine goes on."""
        self._display.close()
        self._serial.close()
