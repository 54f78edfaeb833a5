"""Mail: an account on a server, a mail that waits, a mail that has come."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage
from email.utils import localtime, make_msgid

from pytest_bdd import given, parsers, then

from harness.guest.trust import trust
from harness.lab.lab import Lab
from harness.services.mail import MailServer, texts


@given(parsers.parse('a mail server "{name}" where "{user}" has the password "{password}"'))
def mail_server(lab: Lab, name: str, user: str, password: str) -> None:
    lab.network.mail(name).add_account(user, password)
    trust(lab.agent, lab.network.authority.certificate)


@given(parsers.parse('a mail to "{to}" from "{sender}" about "{subject}" saying "{text}"'))
def waiting_mail(lab: Lab, to: str, sender: str, subject: str, text: str) -> None:
    _server_of(lab, to).deliver(to, bytes(_letter(to, sender, subject, text)))


@given(parsers.parse('a mail to "{to}" from "{sender}" with the file "{name}" that says "{text}"'))
def waiting_mail_with_file(lab: Lab, to: str, sender: str, name: str, text: str) -> None:
    message = _letter(to, sender, name, f"I attach {name}.")
    message.add_attachment(f"{text}\n", filename=name)
    _server_of(lab, to).deliver(to, bytes(message))


@then(parsers.parse('"{address}" receives a mail about "{subject}"'))
def receives_about(lab: Lab, address: str, subject: str) -> None:
    _wait_for_mail(lab, address, lambda mail: mail.get("Subject", "") == subject)


@then(parsers.parse('"{address}" receives a mail saying "{text}"'))
def receives_saying(lab: Lab, address: str, text: str) -> None:
    _wait_for_mail(lab, address, lambda mail: any(text in part for part in texts(mail).values()))


@then(parsers.parse('"{address}" receives a mail with the file "{name}" that says "{text}"'))
def receives_file(lab: Lab, address: str, name: str, text: str) -> None:
    _wait_for_mail(lab, address, lambda mail: text in texts(mail).get(name, ""))


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
