"""Patterns as languages: does one cover another, do two meet, and by which name.

A TOMOYO pattern is regular, subtraction included, so both questions have exact answers: walk the
deterministic automata of the two patterns side by side and look for a name that tells them apart.
The states are made on the way; `_MOST_STATES` bounds the walk, and a walk that hits the bound
counts as "not shown".
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from functools import lru_cache

from harness.policy.pattern.word import (
    DIGIT,
    HEX,
    LETTER,
    Atoms,
    Word,
    decode,
    encode,
    parse_word,
)

_MOST_STATES = 4_000

Positions = frozenset[int]
Progress = tuple[Positions, ...]
"""How far a component was read: positions in `wanted`, then in each of `unwanted`."""

Place = tuple[int, Progress]
State = int | tuple[bool, frozenset[Place]]
"""Bytes of the constant part read so far; then whether the last byte was a slash, and all places."""

_SLASH = ord("/")
_TYPICAL = (*b"a0g.AG-", 0x80)
"""One byte of each class that a wildcard can tell from the others."""


class Automaton:
    """The deterministic automaton of one pattern; states are made when asked for, and remembered."""

    def __init__(self, word: Word) -> None:
        self._word = word
        constant = decode(word.constant)
        assert constant is not None
        self._constant = constant
        self._last = len(word.components) - 1
        self._steps: dict[tuple[State, int], State | None] = {}
        self.start: State = 0
        self.bytes = self._told_apart()

    def accepts(self, state: State) -> bool:
        """Whether a name that ends here is admitted."""
        word = self._word
        if isinstance(state, int):
            return state == len(self._constant) and (not word.components or word.constant_alone)
        after_slash, places = state
        if after_slash != word.directory:
            return False
        shortest = self._last - word.last_optional
        return any(index >= shortest and self._is_done(index, progress) for index, progress in places)

    def step(self, state: State, byte: int) -> State | None:
        """The state behind one more byte, None when no name goes on like that."""
        key = (state, byte)
        if key not in self._steps:
            self._steps[key] = self._step(state, byte)
        return self._steps[key]

    def _step(self, state: State, byte: int) -> State | None:
        if isinstance(state, int):
            if state < len(self._constant):
                return state + 1 if self._constant[state] == byte else None
            if not self._word.components:
                return None
            places = frozenset({self._enter(0)})
        else:
            places = state[1]
        following = frozenset(place for old in places for place in self._follow(old, byte))
        return (byte == _SLASH, following) if following else None

    def _follow(self, place: Place, byte: int) -> Iterator[Place]:
        index, progress = place
        component = self._word.components[index]
        if byte != _SLASH:
            parts = (component.wanted, *component.unwanted)
            moved = tuple(_move(atoms, at, byte) for atoms, at in zip(parts, progress, strict=True))
            if moved[0]:
                yield index, moved
        elif self._is_done(index, progress):
            if component.repeated:
                yield self._enter(index)
            if index < self._last:
                yield self._enter(index + 1)

    def _enter(self, index: int) -> Place:
        component = self._word.components[index]
        return index, tuple(_skip(part, {0}) for part in (component.wanted, *component.unwanted))

    def _is_done(self, index: int, progress: Progress) -> bool:
        component = self._word.components[index]
        wanted, *unwanted = progress
        return len(component.wanted) in wanted and not any(
            len(part) in at for part, at in zip(component.unwanted, unwanted, strict=True)
        )

    def _told_apart(self) -> frozenset[int]:
        atoms = (
            atom
            for component in self._word.components
            for part in (component.wanted, *component.unwanted)
            for atom in part
        )
        return frozenset(self._constant) | {
            byte for atom in atoms if len(atom.chars) == 1 for byte in atom.chars
        }


@lru_cache(maxsize=4096)
def automaton(text: str) -> Automaton:
    """The automaton of a pattern, remembered.

    Raises:
        PolicyError: the kernel would refuse the word.
    """
    return Automaton(parse_word(text))


def accepts(word: Word, name: str) -> bool:
    """Whether a name matches, in time that grows with the name's length only."""
    raw = decode(name)
    if raw is None:
        return False
    machine = automaton(word.text)
    state = machine.start
    for byte in raw:
        following = machine.step(state, byte)
        if following is None:
            return False
        state = following
    return machine.accepts(state)


@lru_cache(maxsize=1 << 16)
def covers(wide: str, narrow: str) -> bool:
    """Whether every name that `narrow` admits is admitted by `wide`.

    Exact, but for a pair whose automata have over 4,000 states together: that counts as not covered.

    Raises:
        PolicyError: the kernel would refuse one of the words.
    """
    if wide == narrow:
        return True
    try:
        return difference_witness(narrow, wide) is None
    except _TooManyStatesError:
        return False


def meets(one: str, other: str) -> bool:
    """Whether some name matches both patterns.

    Exact, but for a pair whose automata have over 4,000 states together: that counts as a meeting.

    Raises:
        PolicyError: the kernel would refuse one of the words.
    """
    try:
        return common_witness(one, other) is not None
    except _TooManyStatesError:
        return True


@lru_cache(maxsize=1 << 16)
def witness(text: str) -> str | None:
    """A shortest name that a pattern admits, None when it admits none.

    Whatever covers the pattern matches this name: the way to find candidates in a `PatternSet`.
    """
    return common_witness(text, text)


def common_witness(one: str, other: str) -> str | None:
    """A shortest name that matches both patterns, None when there is none."""
    return _search(automaton(one), automaton(other), wanted=True)


def difference_witness(one: str, other: str) -> str | None:
    """A shortest name that matches `one` and not `other`, None when there is none."""
    return _search(automaton(one), automaton(other), wanted=False)


class _TooManyStatesError(Exception):
    """A walk became too long to go on."""


def _search(first: Automaton, second: Automaton, *, wanted: bool) -> str | None:
    """The shortest name that `first` admits and for which `second`'s answer is `wanted`."""
    alphabet = _alphabet(first.bytes | second.bytes)
    start: tuple[State, State | None] = (first.start, second.start)
    came_from: dict[tuple[State, State | None], tuple[tuple[State, State | None], int] | None] = {start: None}
    queue = deque([start])
    while queue:
        pair = queue.popleft()
        one, other = pair
        if first.accepts(one) and (other is not None and second.accepts(other)) == wanted:
            return _name(came_from, pair)
        for byte in alphabet:
            next_one = first.step(one, byte)
            next_other = None if other is None else second.step(other, byte)
            if next_one is None or (wanted and next_other is None):
                continue
            following = (next_one, next_other)
            if following not in came_from:
                if len(came_from) >= _MOST_STATES:
                    raise _TooManyStatesError
                came_from[following] = (pair, byte)
                queue.append(following)
    return None


def _name(
    came_from: dict[tuple[State, State | None], tuple[tuple[State, State | None], int] | None],
    pair: tuple[State, State | None],
) -> str:
    raw = bytearray()
    while (step := came_from[pair]) is not None:
        pair, byte = step
        raw.append(byte)
    raw.reverse()
    return encode(bytes(raw))


def _alphabet(literals: frozenset[int]) -> tuple[int, ...]:
    """Every byte that a literal names, and one more of each class, so that no difference is overlooked."""
    spare = {_class(byte): byte for byte in reversed((*_TYPICAL, *range(1, 256))) if byte not in literals}
    return (*spare.values(), *sorted(literals | {_SLASH}))


def _class(byte: int) -> tuple[bool, ...]:
    return byte in DIGIT, byte in HEX, byte in LETTER, byte == ord("."), byte == _SLASH


def _skip(atoms: Atoms, positions: set[int]) -> Positions:
    """All positions that can be reached without reading: a star may take nothing."""
    for at in sorted(positions):
        behind = at
        while behind < len(atoms) and atoms[behind].star:
            behind += 1
            positions.add(behind)
    return frozenset(positions)


def _move(atoms: Atoms, positions: Positions, byte: int) -> Positions:
    read = {
        at if atoms[at].star else at + 1 for at in positions if at < len(atoms) and byte in atoms[at].chars
    }
    return _skip(atoms, read)
