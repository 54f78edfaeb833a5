"""Servers that a person's computer can reach: sites, repositories, another computer."""

from __future__ import annotations

from pytest_bdd import given, parsers, then, when

from harness.guest.trust import trust
from harness.lab.lab import Lab
from harness.services.packages import repository
from harness.services.web import Response, Site
from harness.user.console import Result
from harness.user.person import Person
from steps import documents


@given(parsers.parse('a web site "{name}" that says "{text}"'))
def web_site(lab: Lab, name: str, text: str) -> None:
    _trusted_site(lab, name).pages["/"] = documents.html(text)


@given(parsers.parse('a web site "{name}" that takes files'))
def taking_site(lab: Lab, name: str) -> None:
    page, thanks = documents.upload_page("Send a file"), documents.html("Thank you")
    _trusted_site(lab, name).programs["/"] = lambda request: Response(
        thanks if request.method == "POST" else page, headers={"Content-Type": "text/html; charset=utf-8"}
    )


@given(parsers.parse('a web site "{name}" with the sound "{path}" to listen to'))
def sounding_site(lab: Lab, name: str, path: str) -> None:
    pages = _trusted_site(lab, name).pages
    pages["/"], pages[path] = documents.sound_page("Listen", path), documents.sound()


@given(parsers.parse('a web site "{name}" with the feed "{path}" that tells "{text}"'))
def feeding_site(lab: Lab, name: str, path: str, text: str) -> None:
    _trusted_site(lab, name).pages[path] = documents.feed(name, text)


@given(parsers.parse('the web site "{name}" offers the file "{path}" that says "{text}"'))
def offered_file(lab: Lab, name: str, path: str, text: str) -> None:
    lab.network.site(name).pages[path] = f"{text}\n".encode()


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


@given(parsers.parse('a file "{name}" on the other computer that says "{text}"'))
def file_there(lab: Lab, name: str, text: str) -> None:
    (lab.network.folder("files") / name).write_text(f"{text}\n")


@given(
    parsers.parse(
        'a package repository with the package "{package}", version "{version}", that says "{text}"'
    )
)
def package_repository(lab: Lab, package: str, version: str, text: str) -> None:
    offer_package(lab, package, version, text)
    lab.agent.write_file(
        "/etc/apt/sources.list.d/local.list", b"deb [trusted=yes] http://packages.example/ ./\n"
    )


@when(parsers.parse('the repository offers the package "{package}", version "{version}", that says "{text}"'))
def offer_package(lab: Lab, package: str, version: str, text: str) -> None:
    folder = lab.network.folder(f"{package}-{version}")
    files = repository(folder, package, version, f"echo {text!r}", now=lab.agent.clock())
    pages = lab.network.site("packages.example").pages
    pages.clear()
    pages.update({f"/{name}": data for name, data in files.items()})


@when(parsers.parse('I give the password "{password}" to "{command}"'), target_fixture="result")
def run_with_password(person: Person, command: str, password: str) -> Result:
    answers = {"password:": password, "(yes/no/[fingerprint])?": "yes"}
    return person.console.run(command, answers=answers).must_succeed(command)


@then(parsers.parse('the web site "{name}" was sent "{text}"'))
def was_sent(lab: Lab, name: str, text: str) -> None:
    sent = [request.body for request in lab.network.site(name).requests if request.body]
    assert any(text.encode() in body for body in sent), f"it was sent {sent}"


@then(parsers.parse('the other computer has a file "{name}" that says "{text}"'))
def has_file(lab: Lab, name: str, text: str) -> None:
    file = lab.network.folder("files") / name
    assert file.exists(), f"it has {sorted(other.name for other in file.parent.iterdir())}"
    assert text in file.read_text()


def _trusted_site(lab: Lab, name: str) -> Site:
    """The site of that name, whose certificate the guest trusts."""
    trust(lab.agent, lab.network.authority.certificate)
    return lab.network.site(name)
