"""The keys of a US keyboard, by name and by the character that they write.

Keysym values are X11's (`keysymdef.h`), which the RFB protocol (RFC 6143, 7.5.4) uses; QEMU maps
them to scan codes with its `en-us` keymap. QEMU presses no Shift by itself, so a shifted character
is sent as Shift and the character. It must be that character, "A" and not "a": QEMU takes a small
letter under Shift for a sign that Caps Lock is on in the viewer, and presses Caps Lock in the guest.
"""

from __future__ import annotations

SHIFT = 0xFFE1

NAMED_KEYS: dict[str, int] = {
    "backspace": 0xFF08,
    "tab": 0xFF09,
    "return": 0xFF0D,
    "enter": 0xFF0D,
    "escape": 0xFF1B,
    "esc": 0xFF1B,
    "space": 0x20,
    "insert": 0xFF63,
    "delete": 0xFFFF,
    "del": 0xFFFF,
    "home": 0xFF50,
    "left": 0xFF51,
    "up": 0xFF52,
    "right": 0xFF53,
    "down": 0xFF54,
    "pageup": 0xFF55,
    "pagedown": 0xFF56,
    "end": 0xFF57,
    "print": 0xFF61,
    "menu": 0xFF67,
    "pause": 0xFF13,
    "capslock": 0xFFE5,
    "minus": ord("-"),
    "plus": ord("="),
    "shift": SHIFT,
    "ctrl": 0xFFE3,
    "control": 0xFFE3,
    "alt": 0xFFE9,
    "altgr": 0xFE03,
    "super": 0xFFEB,
    **{f"f{number}": 0xFFBD + number for number in range(1, 13)},
}

_SHIFTED = frozenset('~!@#$%^&*()_+{}|:"<>?ABCDEFGHIJKLMNOPQRSTUVWXYZ')
_PLAIN = frozenset("`1234567890-=[]\\;',./abcdefghijklmnopqrstuvwxyz ")
_CONTROL = {"\n": NAMED_KEYS["return"], "\t": NAMED_KEYS["tab"]}


def keysym(name: str) -> int:
    """The keysym of one key: a name such as "Return", "super", "F2", or a character.

    Raises:
        ValueError: no key of the layout has that name or character.
    """
    if name.lower() in NAMED_KEYS:
        return NAMED_KEYS[name.lower()]
    if name in _PLAIN or name in _SHIFTED:
        return ord(name)
    raise ValueError(
        f"no key of a US keyboard is called {name!r}: a character or one of {', '.join(NAMED_KEYS)}"
    )


def combination(names: str) -> list[int]:
    """The keysyms of a combination such as "ctrl-alt-t", in the order in which they go down.

    The minus key itself is "minus", or a "-" at the end as in "ctrl--". A single shifted character
    brings its Shift with it.
    """
    if names == "-":
        return [keysym("-")]
    parts = [*names[:-2].split("-"), "-"] if names.endswith("--") else names.split("-")
    if len(parts) == 1 and parts[0] in _SHIFTED:
        return [SHIFT, keysym(parts[0])]
    shifted = "shift" in (part.lower() for part in parts)
    return [keysym(_cased(part, upper=shifted)) for part in parts]


def _cased(part: str, *, upper: bool) -> str:
    if len(part) > 1 or not part.isalpha():
        return part
    return part.upper() if upper else part.lower()


def strokes(text: str) -> list[list[int]]:
    """For each character of `text` the keys that write it, in the order in which they go down.

    Raises:
        ValueError: a character that the layout does not have.
    """
    return [_stroke(character) for character in text]


def _stroke(character: str) -> list[int]:
    if character in _CONTROL:
        return [_CONTROL[character]]
    if character in _PLAIN:
        return [ord(character)]
    if character in _SHIFTED:
        return [SHIFT, ord(character)]
    raise ValueError(f"{character!r} cannot be typed on a US keyboard")
