"""A policy that is in force from the first process on: one more archive behind the overlay's.

Its hook (`vm/policy/hook`) runs after the overlay's and puts the policy where TOMOYO reads it when init
starts.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import replace
from importlib import resources
from pathlib import Path

from harness.image.overlay import Overlay, archive, laid_behind


def with_policy(overlay: Overlay, files: Mapping[str, bytes], folder: Path) -> Overlay:
    """The overlay with a policy behind it.

    Args:
        overlay: what boots otherwise.
        files: `domain_policy.conf` and its three companions.
        folder: where the new initrd is kept; it has to stay as long as checkpoints made with it.

    Returns:
        An overlay whose key changes with the policy and with how it is laid: a checkpoint made under one
        policy is never taken for one made under another.
    """
    key = f"{overlay.key}-{_digest(files)}"
    initrd = folder / f"initrd-{key.rpartition('-')[2]}"
    if not initrd.exists():
        tree = folder / "tree"
        shutil.rmtree(tree, ignore_errors=True)
        _lay(files, tree)
        partial = initrd.with_name(f".{initrd.name}.partial")
        partial.write_bytes(laid_behind(overlay.initrd.read_bytes(), archive(tree)))
        partial.rename(initrd)
        shutil.rmtree(tree)
    return replace(overlay, initrd=initrd, key=key)


def _lay(files: Mapping[str, bytes], tree: Path) -> None:
    recipe = _recipe()
    for name, target in (
        ("order", "conf/conf.d/zz-tomograph-policy"),
        ("hook", "scripts/live-bottom/zz-tomograph-policy"),
    ):
        (tree / target).parent.mkdir(parents=True)
        shutil.copy(recipe / name, tree / target)
    (tree / "tomograph-policy").mkdir()
    for name, content in files.items():
        (tree / "tomograph-policy" / name).write_bytes(content)


def _digest(files: Mapping[str, bytes]) -> str:
    state = hashlib.sha256()
    laid = {f"recipe/{path.name}": path.read_bytes() for path in sorted(_recipe().iterdir())}
    for name, content in {**laid, **files}.items():
        state.update(f"{name}\0{len(content)}\0".encode() + content)
    return state.hexdigest()[:16]


def _recipe() -> Path:
    return Path(str(resources.files("vm"))) / "policy"
