"""What TOMOYO finds when init starts, other than the overlay has it: one more archive behind the overlay's.

Its hook (`vm/policy/hook`) runs after the overlay's and before the root's init, and either puts a whole
policy in the place of the first one, or adds lines to it.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path

from harness.image.overlay import Overlay, archive, laid_behind


def with_policy(overlay: Overlay, files: Mapping[str, bytes], folder: Path) -> Overlay:
    """The overlay with a policy behind it, in force from the first process on.

    Args:
        overlay: what boots otherwise.
        files: `domain_policy.conf` and its three companions.
        folder: where the new initrd is kept; it has to stay as long as checkpoints made with it.

    Returns:
        An overlay whose key changes with the policy and with how it is laid: a checkpoint made under one
        policy is never taken for one made under another.
    """
    return _with(overlay, files, folder)


def with_exceptions(overlay: Overlay, lines: Sequence[str], folder: Path) -> Overlay:
    """The overlay with lines for the end of the exception policy, whosever that is; none are added twice.

    Args:
        overlay: what boots otherwise.
        lines: of an exception policy.
        folder: as for `with_policy`.

    Returns:
        An overlay whose key changes with the lines, and the same one where there are none.
    """
    if not lines:
        return overlay
    return _with(overlay, {"exception_policy.more": "".join(f"{line}\n" for line in lines).encode()}, folder)


def _with(overlay: Overlay, files: Mapping[str, bytes], folder: Path) -> Overlay:
    key = f"{overlay.key}-{_digest(files)}"
    initrd = folder / f"initrd-{key}"  # of this overlay, too: the folder may be older than it
    if not initrd.exists():
        with tempfile.TemporaryDirectory(prefix=".policy-", dir=folder) as made:
            tree, partial = Path(made) / "tree", Path(made) / "initrd"
            _lay(files, tree)
            partial.write_bytes(laid_behind(overlay.initrd.read_bytes(), archive(tree)))
            partial.rename(initrd)
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
