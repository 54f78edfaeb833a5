"""Servers that a person's computer can reach: sites, repositories, another computer."""

from __future__ import annotations

from pytest_bdd import given, parsers, then, when

from harness.guest.trust import trust
from harness.lab.lab import Lab
from harness.services.packages import repository
from harness.services.web import Response, Site
from steps import documents
from steps.sentence import Sentence

_FILE_THERE = 'the other computer has the file "{name}" that says "{text}"'
_OFFERED = 'the package repository offers the package "{package}", version "{version}", that says "{text}"'
_SOUND = "/whistle.wav"


@given(Sentence('a web site "{name}"[ with the {kind:page|file|feed} "{path}"] that says "{text...}"'))
def web_site(lab: Lab, name: str, kind: str, path: str, text: str) -> None:
    match kind:
        case "file":
            offered = f"{text}\n".encode()
        case "feed":
            offered = documents.feed(name, text)
        case _:
            offered = documents.html(text)
    _trusted_site(lab, name).pages[path or "/"] = offered


@given(parsers.parse('a web site "{name}" that takes files'))
def taking_site(lab: Lab, name: str) -> None:
    page, thanks = documents.upload_page("Send a file"), documents.html("Thank you")
    _trusted_site(lab, name).programs["/"] = lambda request: Response(
        thanks if request.method == "POST" else page, headers={"Content-Type": "text/html; charset=utf-8"}
    )


@given(parsers.parse('a web site "{name}" that plays a sound'))
def playing_site(lab: Lab, name: str) -> None:
    pages = _trusted_site(lab, name).pages
    pages["/"], pages[_SOUND] = documents.sound_page("Listen", _SOUND), documents.sound()


@given(Sentence('a {kind:mail|chat} server "{name}" where "{user}" has the password "{password}"'))
def server_with_account(lab: Lab, kind: str, name: str, user: str, password: str) -> None:
    server = lab.network.mail(name) if kind == "mail" else lab.network.chat(name)
    server.add_account(user, password)
    trust(lab.agent, lab.network.authority.certificate)


@given(
    parsers.parse(
        'a git server "{name}" with the repository "{repository}", in it "{path}" that says "{text}"'
    )
)
def git_server(lab: Lab, name: str, repository: str, path: str, text: str) -> None:
    lab.network.repositories.make(repository, {path: f"{text}\n"})
    lab.network.git_site(name)
    trust(lab.agent, lab.network.authority.certificate)


@given(parsers.parse('another computer "{name}" where "{user}" has the password "{password}"'))
def other_computer(lab: Lab, name: str, user: str, password: str) -> None:
    lab.network.shell(name, user=user, password=password, answers={"uname -n": name})


@given(parsers.parse(_FILE_THERE))
def put_file_there(lab: Lab, name: str, text: str) -> None:
    (lab.network.folder("files") / name).write_text(f"{text}\n")


@given(parsers.parse(_OFFERED))
def package_repository(lab: Lab, package: str, version: str, text: str) -> None:
    offer_package(lab, package, version, text)
    lab.agent.write_file(
        "/etc/apt/sources.list.d/local.list", b"deb [trusted=yes] http://packages.example/ ./\n"
    )


@when(parsers.parse(_OFFERED))
def offer_package(lab: Lab, package: str, version: str, text: str) -> None:
    folder = lab.network.folder(f"{package}-{version}")
    files = repository(folder, package, version, f"echo {text!r}", now=lab.agent.clock())
    pages = lab.network.site("packages.example").pages
    pages.clear()
    pages.update({f"/{name}": data for name, data in files.items()})


@then(parsers.parse('the web site "{name}" was sent "{text}"'))
def was_sent(lab: Lab, name: str, text: str) -> None:
    sent = [request.body for request in lab.network.site(name).requests if request.body]
    assert any(text.encode() in body for body in sent), f"it was sent {sent}"


@then(parsers.parse(_FILE_THERE))
def has_file(lab: Lab, name: str, text: str) -> None:
    file = lab.network.folder("files") / name
    assert file.exists(), f"it has {sorted(other.name for other in file.parent.iterdir())}"
    assert text in file.read_text()


def _trusted_site(lab: Lab, name: str) -> Site:
    """The site of that name, whose certificate the guest trusts."""
    trust(lab.agent, lab.network.authority.certificate)
    return lab.network.site(name)
