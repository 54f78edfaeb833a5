"""Files of the person: put there before a task, looked at after it.

Both is done by the instruments, which leave no trace in the policy: a task is what happens in between.
"""

from __future__ import annotations

from collections.abc import Iterable

from pytest_bdd import given, parsers, then

from harness.lab.lab import Lab
from steps import contents, documents
from steps.contents import KINDS
from steps.sentence import Sentence


def _one_of(kinds: Iterable[str]) -> str:
    return f"{{kind:{'|'.join(kinds)}}}"


_MADE = _one_of(name for name, kind in KINDS.items() if kind.make)
_LOOKED_AT = _one_of(name for name, kind in KINDS.items() if kind.look)
_READ = _one_of(name for name, kind in KINDS.items() if kind.look and not kind.silent)


@given(
    Sentence(
        f'the {_MADE} "{{path}}"[ of {{other:another user}}][, (written|taken) by "{{author}}"][,]'
        '[ that says "{text...}"]'
    )
)
def put(  # noqa: PLR0917 - a parameter for each part of the sentence
    lab: Lab, kind: str, path: str, other: str, author: str, text: str
) -> None:
    make = KINDS[kind].make
    assert make is not None
    data = make(text, author=author) if author else make(text)
    if other:
        lab.home.put_for_all(path, data)
    else:
        lab.home.put(path, data)


@given(parsers.parse('the sound "{path}" of {seconds:d} seconds'))
def sound(lab: Lab, path: str, seconds: int) -> None:
    lab.home.put(path, documents.sound(seconds))


@then(Sentence(f'the {_READ} "{{path}}" (says|{{lacks:does not say}}) "{{text...}}"'))
def file_says(lab: Lab, kind: str, path: str, lacks: str, text: str) -> None:
    wanted = KINDS[kind]
    if lacks:
        content = lab.home.read(path)
        assert content, f"there is no file {path}, or it is empty"
        assert wanted.is_whole(content), f"{path} is no whole {kind}"
        assert not wanted.says(content, text), f"{path} has {text!r} in it"
    else:
        lab.home.wait_for(path, lambda content: wanted.says(content, text), f"is a {kind} that says {text!r}")


@then(Sentence(f'the (folder|{_LOOKED_AT}) "{{path}}" exists'))
def exists(lab: Lab, kind: str, path: str) -> None:
    if kind:
        lab.home.wait_for(path, KINDS[kind].is_whole, f"is a whole {kind}")
    else:
        lab.home.wait_for_folder(path)


@then(Sentence(f'the folder "{{path}}" has (a|an) {_LOOKED_AT}[ that says "{{text...}}"]'))
def folder_has(lab: Lab, path: str, kind: str, text: str) -> None:
    wanted = KINDS[kind]
    described = f"has a {kind} that says {text!r}" if text else f"has a whole {kind}"
    lab.home.wait_for_one_in(path, lambda content: wanted.says(content, text), described)


@then(parsers.parse('the file "{path}" is gone'))
def is_gone(lab: Lab, path: str) -> None:
    lab.home.wait_until_gone(path)


@then(parsers.parse('the sound "{path}" lasts {seconds:d} to {more:d} seconds'))
def lasts(lab: Lab, path: str, seconds: int, more: int) -> None:
    def does(content: bytes) -> bool:
        try:
            return seconds <= contents.sound_seconds(content) <= more
        except contents.NotWhole:
            return False

    lab.home.wait_for(path, does, f"lasts {seconds} to {more} seconds")
