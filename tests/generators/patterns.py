"""Patterns and names that nearly match: the names are grown from the pattern, then disturbed."""

from __future__ import annotations

from hypothesis import strategies as st

from harness.policy.pattern.word import decode, encode

_LITERALS = st.sampled_from(["a", "b", "0", "7", ".", "-", ":", "A", "G", "so", r"\\", r"\040", r"\377"])
_WILDCARDS = st.sampled_from([r"\*", r"\@", r"\?", r"\$", r"\+", r"\X", r"\x", r"\A", r"\a"])
_PIECES = st.one_of(_LITERALS, _WILDCARDS)
_PARTS = st.lists(_PIECES, max_size=4).map("".join)
_COMPONENTS = st.one_of(
    _PARTS,
    _PARTS,
    st.lists(_PARTS, min_size=2, max_size=3).map(r"\-".join),
    _PARTS.map(lambda part: rf"\{{{part}\}}"),
)


@st.composite
def patterns(draw: st.DrawFn) -> str:
    parts = draw(st.lists(_COMPONENTS, min_size=1, max_size=4))
    end = draw(st.sampled_from(["", "", "/"]))
    if parts[-1].endswith(r"\}"):
        end = "/"
    return "/" + "/".join(parts) + end


_TAKES = {
    "*": ["", "a", "ab", ".so", "0", r"\040", "foo"],
    "@": ["", "a", "b0", r"\377", "x.y"],
    "?": ["a", ".", r"\\", r"\040", "", "aa"],
    "$": ["0", "123", "", "1a"],
    "+": ["7", "", "12"],
    "X": ["0", "aF", "", "G"],
    "x": ["a", "", "g"],
    "A": ["a", "bG", "", "a0"],
    "a": ["b", "", "-"],
}


@st.composite
def names_for(draw: st.DrawFn, pattern: str) -> str:
    """A name that the pattern nearly, or just, matches."""
    pieces: list[str] = []
    at = 0
    while at < len(pattern):
        if pattern[at] != "\\":
            pieces.append(pattern[at])
            at += 1
        elif pattern[at + 1] in _TAKES:
            pieces.append(draw(st.sampled_from(_TAKES[pattern[at + 1]])))
            at += 2
        elif pattern[at + 1] in "-{}":
            at += 2
            if pattern[at - 1] == "-" and draw(st.booleans()):
                while at < len(pattern) and pattern[at] != "/":
                    at += 1
        elif pattern[at + 1] == "\\":
            pieces.append("\\\\")
            at += 2
        else:
            pieces.append(pattern[at : at + 4])
            at += 4
    change = draw(st.sampled_from(["", "", "", "double", "drop last", "add slash", "add", "drop component"]))
    name = "".join(pieces)
    if change == "add slash":
        name += "/"
    elif change == "add":
        name += draw(_LITERALS)
    elif change == "drop last" and pieces:
        name = "".join(pieces[:-1])
    elif change == "drop component":
        name = name.rsplit("/", 1)[0] or "/"
    elif change == "double":
        head, _, tail = name.rstrip("/").rpartition("/")
        name = f"{head}/{tail}/{tail}" + ("/" if name.endswith("/") else "")
    return name or "/"


@st.composite
def pairs(draw: st.DrawFn) -> tuple[str, str]:
    pattern = draw(patterns())
    return pattern, draw(names_for(pattern))


def near(name: str) -> list[str]:
    """The name and others that differ from it by one byte or one component."""
    raw = decode(name)
    if raw is None:
        return []
    head, slash, tail = raw.rstrip(b"/").rpartition(b"/")
    middle = len(raw) // 2
    others = [
        raw,
        raw + b"/",
        raw[:-1],
        raw + b"a",
        raw + b"7",
        head,
        head + slash,
        raw.rstrip(b"/") + slash + tail,
        raw[:middle] + b"." + raw[middle:],
        raw[:middle] + raw[middle + 1 :],
        raw[:middle] + b"/" + raw[middle:],
        raw[:middle] + b" " + raw[middle:],
        raw.swapcase(),
    ]
    return [encode(other) for other in dict.fromkeys(others) if other]
