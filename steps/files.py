"""Files of the person: put there before a task, looked at after it.

Both is done by the instruments, which leave no trace in the policy: a task is what happens in between.
"""

from __future__ import annotations

from pytest_bdd import given, parsers, then

from harness.lab.lab import Lab
from steps import contents, documents


@given(parsers.parse('the picture "{path}", taken by "{author}"'))
def picture(lab: Lab, path: str, author: str) -> None:
    lab.home.put(path, documents.png(author=author))


@given(parsers.parse('the picture "{path}" that says "{text}"'))
def picture_that_says(lab: Lab, path: str, text: str) -> None:
    lab.home.put(path, documents.png(text=text))


@given(parsers.parse('the film "{path}" that says "{text}"'))
def film(lab: Lab, path: str, text: str) -> None:
    lab.home.put(path, documents.film(text))


@given(parsers.parse('the sound "{path}" of {seconds:d} seconds'))
def sound(lab: Lab, path: str, seconds: int) -> None:
    lab.home.put(path, documents.sound(seconds))


@given(parsers.parse('the web page "{path}" that says "{text}"'))
def web_page(lab: Lab, path: str, text: str) -> None:
    lab.home.put(path, documents.html(text))


@given(parsers.parse('the PDF document "{path}" that says "{text}"'))
def pdf_document(lab: Lab, path: str, text: str) -> None:
    lab.home.put(path, documents.pdf(text))


@given(parsers.parse('the PDF document "{path}", written by "{author}", that says "{text}"'))
def pdf_document_with_author(lab: Lab, path: str, author: str, text: str) -> None:
    lab.home.put(path, documents.pdf(text, author=author))


@given(parsers.parse('the letter "{path}", written by "{author}", that says "{text}"'))
def letter(lab: Lab, path: str, author: str, text: str) -> None:
    lab.home.put(path, documents.odt(text, author=author))


@then(parsers.parse('the file "{path}" contains "{text}"'))
def contains(lab: Lab, path: str, text: str) -> None:
    lab.home.wait_for(path, lambda content: text.encode() in content, f"contains {text!r}")


@then(parsers.parse('the file "{path}" does not contain "{text}"'))
def does_not_contain(lab: Lab, path: str, text: str) -> None:
    content = lab.home.read(path)
    assert content, f"there is no file {path}, or it is empty"
    assert text.encode() not in content, f"{path} has {text!r} in it"


@then(parsers.parse('the file "{path}" is gone'))
def is_gone(lab: Lab, path: str) -> None:
    lab.home.wait_until_gone(path)


@then(parsers.parse('the file "{path}" is a {kind}'))
def is_of_kind(lab: Lab, path: str, kind: str) -> None:
    lab.home.wait_for(path, contents.KINDS[kind].is_whole, f"is a whole {kind}")


@then(parsers.parse('the {kind} "{path}" says "{text}"'))
def document_says(lab: Lab, kind: str, path: str, text: str) -> None:
    wanted = contents.KINDS[kind]
    lab.home.wait_for(path, lambda content: wanted.says(content, text), f"is a whole {kind} with {text!r}")


@then(parsers.parse('the sound "{path}" lasts {seconds:d} to {more:d} seconds'))
def lasts(lab: Lab, path: str, seconds: int, more: int) -> None:
    def does(content: bytes) -> bool:
        try:
            return seconds <= contents.sound_seconds(content) <= more
        except contents.NotWhole:
            return False

    lab.home.wait_for(path, does, f"lasts {seconds} to {more} seconds")


@then(parsers.parse('the folder "{path}" has a {kind}'))
def folder_has(lab: Lab, path: str, kind: str) -> None:
    lab.home.wait_for_one_in(path, contents.KINDS[kind].is_whole, f"has a whole {kind}")


@then(parsers.parse('a {kind} in the folder "{path}" says "{text}"'))
def folder_has_document(lab: Lab, path: str, kind: str, text: str) -> None:
    wanted = contents.KINDS[kind]
    lab.home.wait_for_one_in(path, lambda content: wanted.says(content, text), f"has a {kind} with {text!r}")


@then(parsers.parse('the folder "{path}" exists'))
def folder_exists(lab: Lab, path: str) -> None:
    lab.home.wait_for_folder(path)
