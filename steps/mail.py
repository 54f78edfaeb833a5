"""Mail: one that waits, one that has come."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage
from email.utils import localtime, make_msgid

from pytest_bdd import given, parsers, then

from harness.lab.lab import Lab
from harness.services.mail import MailServer, texts
from steps.sentence import Sentence


@given(
    Sentence(
        'a mail to "{to}" from "{sender}"[ about "{subject}"][ with the file "{file}"] that says "{text...}"'
    )
)
def waiting_mail(  # noqa: PLR0917 - a parameter for each part of the sentence
    lab: Lab, to: str, sender: str, subject: str, file: str, text: str
) -> None:
    message = _letter(to, sender, subject or file, f"I attach {file}." if file else text)
    if file:
        message.add_attachment(f"{text}\n", filename=file)
    _server_of(lab, to).deliver(to, bytes(message))


@then(
    Sentence(
        '"{address}" receives a mail[ about "{subject}"][ with the file "{file}"][ that says "{text...}"]'
    )
)
def receives(lab: Lab, address: str, subject: str, file: str, text: str) -> None:
    def is_wanted(mail: EmailMessage) -> bool:
        if subject and mail.get("Subject", "") != subject:
            return False
        said = texts(mail)
        if file:
            return file in said and text in said[file]
        return not text or any(text in part for part in said.values())

    _wait_for_mail(lab, address, is_wanted)


@then(parsers.parse('no mail of "{address}" says "{text}"'))
def says_nowhere(lab: Lab, address: str, text: str) -> None:
    for mail in _server_of(lab, address).inbox(address):
        assert text not in str(texts(mail)), f"it stands in:\n{mail}"


def _server_of(lab: Lab, address: str) -> MailServer:
    return lab.network.mail(address.partition("@")[2])


def _letter(to: str, sender: str, subject: str, text: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"], message["Message-ID"] = localtime(), make_msgid(domain=sender.partition("@")[2])
    message.set_content(f"{text}\n")
    return message


def _wait_for_mail(lab: Lab, address: str, wanted: Callable[[EmailMessage], bool]) -> None:
    """Mail takes its time from a program that says "sent" to an inbox."""
    for last in lab.deadline(20).attempts():
        inbox = _server_of(lab, address).inbox(address)
        if any(wanted(mail) for mail in inbox):
            return
        assert not last, f"{address} has {len(inbox)} other mails:\n" + "\n".join(map(str, inbox))
