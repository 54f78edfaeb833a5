"""What a folder or file is, for whoever named another thing than a command takes."""

from __future__ import annotations

from pathlib import Path

from harness.errors import RecordError

RUN = "the folder of a run, as `tomograph learn --out` writes it"
DOMAINS, EXCEPTIONS = "domain_policy.conf", "exception_policy.conf"
PROFILES, MANAGERS = "profile.conf", "manager.conf"
"""TOMOYO's four files in a folder of policy."""

_HOLDS = "name a folder that holds a manifest.json"
_MADE_FROM = "name the run that it was made from; `tomograph diff`, `lint` and `transitions` read policies"


def is_run(path: Path) -> bool:
    """Whether it is the folder of a run."""
    return (path / "manifest.json").is_file()


def is_policy(path: Path) -> bool:
    """Whether it is a folder with a policy: a saved one, or one to ship."""
    return (path / DOMAINS).is_file()


def not_a_run(path: Path, *, expected: str = RUN) -> RecordError:
    """The error for a path that is no run: what it is instead, and what to name.

    Args:
        path: as it was given.
        expected: what is taken in its place.
    """
    seen, hint = _told(path)
    return RecordError(seen, expected=expected, hint=hint)


def _told(path: Path) -> tuple[str, str]:
    """What a path is, and what to do about it."""
    if path.is_dir():
        return _told_of_folder(path)
    if path.is_file():
        return f"{path} is a file", _folder_of(path)
    where, colon, part = str(path).rpartition(":")
    if colon and is_run(Path(where)):
        return f"{path} is a part of a run", f"name {where}; `tomograph show {where} {part}` shows the part"
    return f"{path} does not exist", _HOLDS


def _told_of_folder(folder: Path) -> tuple[str, str]:
    around = f"name the run: {folder.parent.parent}"
    if (folder / "info.json").is_file():
        return f"{folder} is a checkpoint of a run", around
    if (folder / "scenario.json").is_file():
        return f"{folder} is a scenario of a run", around
    if is_policy(folder):
        return f"{folder} is a policy folder", _MADE_FROM
    if runs := sorted(one.parent.name for one in folder.glob("*/manifest.json")):
        return f"{folder} is a folder of {len(runs)} runs", f"name one of them: {', '.join(runs)}"
    return f"{folder}/manifest.json does not exist", _HOLDS


def _folder_of(file: Path) -> str:
    folder = file.parent
    if is_run(folder):
        return f"name its folder: {folder}"
    return f"name a folder; {folder} is a policy folder" if is_policy(folder) else "name a folder"
