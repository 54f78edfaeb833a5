"""Git repositories to clone from and push to, over https and ssh, by git's own server programs."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from harness.errors import HostError
from harness.services.web import Request, Response

_AUTHOR = "Carol <carol@example.org>"
_WHEN = "2026-01-01T12:00:00Z"


class Repositories:
    """Bare repositories in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)

    def make(self, name: str, files: Mapping[str, str]) -> Path:
        """A repository with one commit that has `files` (name → text) in its top folder.

        Raises:
            HostError: git is missing or fails.
        """
        bare = self.folder / name
        git("init", "--quiet", "--bare", "--initial-branch=main", bare)
        entries = []
        for path, text in files.items():
            blob = git("--git-dir", bare, "hash-object", "-w", "--stdin", stdin=text)
            entries.append(f"100644 blob {blob}\t{path}")
        tree = git("--git-dir", bare, "mktree", stdin="\n".join(entries) + "\n")
        commit = git("--git-dir", bare, "commit-tree", tree, "-m", "Begin")
        git("--git-dir", bare, "update-ref", "refs/heads/main", commit)
        git("--git-dir", bare, "config", "http.receivepack", "true")
        return bare

    def answer(self, request: Request) -> Response:
        """A request of git's smart http protocol, by `git http-backend` (a CGI program, RFC 3875)."""
        variables = {
            **environment(),
            "GIT_PROJECT_ROOT": str(self.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": request.method,
            "PATH_INFO": request.path,
            "QUERY_STRING": request.query,
            "CONTENT_TYPE": request.headers.get("content-type", ""),
            "CONTENT_LENGTH": str(len(request.body)),
            "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
            "HTTP_GIT_PROTOCOL": request.headers.get("git-protocol", ""),
            "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
        }
        done = subprocess.run(
            ["git", "http-backend"], input=request.body, env=variables, capture_output=True, check=False
        )
        head, _empty, body = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode("latin-1").splitlines() if ": " in line)
        status = int(headers.pop("Status", "200" if done.returncode == 0 else "500").split()[0])
        return Response(body, status, headers)


def git(*arguments: str | Path, stdin: str = "") -> str:
    """Run git without this user's settings; what it prints, without the line end."""
    try:
        done = subprocess.run(
            ["git", *map(str, arguments)],
            input=stdin, env=environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip
    except FileNotFoundError as error:
        raise HostError("git is not on the PATH", hint="make setup") from error
    if done.returncode != 0:
        raise HostError(f"git {arguments[0]} failed: {done.stderr.strip()}")
    return done.stdout.strip()


def environment() -> dict[str, str]:
    """What git is given of this process's: its path, and nothing that somebody has set up on this host."""
    name, mail = _AUTHOR.rstrip(">").split(" <")
    people = {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", name), ("EMAIL", mail), ("DATE", _WHEN))
    }
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "HOME": os.devnull,
        **people,
    }
