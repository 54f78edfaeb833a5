"""The recipe of the reference image (`vm/reference/`): what goes into which flavour of which suite."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal

from harness.image.apt import Suite

Flavour = Literal["console", "desktop"]

_BUILDER = 2
"""Raised when the code that carries the recipe out changes what comes of it."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is built.

    Attributes:
        flavour: `console` boots to a text login, `desktop` to GNOME.
        suite: the Debian release.
        with_tomoyo: whether TOMOYO's tools, a first policy and the boot option come with it.
    """

    flavour: Flavour
    suite: Suite
    with_tomoyo: bool = False

    @property
    def folder(self) -> Path:
        """Where the recipe's files are."""
        return Path(str(resources.files("vm"))) / "reference"

    @property
    def layers(self) -> tuple[str, ...]:
        """The parts that are laid one over the other, lowest first."""
        layers = ["base", self.flavour]
        if self.with_tomoyo:
            layers.append("tomoyo")
        return tuple(layers)

    @property
    def packages(self) -> tuple[str, ...]:
        """The packages asked for by name, without what they depend on."""
        names: list[str] = []
        for layer in self.layers:
            for name in (f"{layer}.list", f"{layer}.{self.suite}.list"):
                path = self.folder / "packages" / name
                if path.exists():
                    names += parse_list(path.read_text())
        return tuple(dict.fromkeys(names))

    @property
    def trees(self) -> tuple[Path, ...]:
        """Folders whose content is laid over the root, in order."""
        return tuple(path for layer in self.layers if (path := self.folder / "files" / layer).is_dir())

    @property
    def hooks(self) -> tuple[Path, ...]:
        """Programs that get the root's path as their argument, in order."""
        return tuple(path for layer in self.layers if (path := self.folder / "hooks" / layer).is_file())

    @property
    def command_line(self) -> str:
        """What the default boot entry says to the kernel."""
        return "boot=live quiet" + (" security=tomoyo" if self.with_tomoyo else "")

    @property
    def name(self) -> str:
        """A name for people: flavour, suite and kind."""
        return f"{self.flavour}-{self.suite}" + ("-tomoyo" if self.with_tomoyo else "")

    @property
    def digest(self) -> str:
        """Changes whenever anything that the recipe says does: 12 hexadecimal digits."""
        state = hashlib.sha256(f"{_BUILDER} {self.name} {self.command_line} {self.packages}".encode())
        used = [*self.hooks, *sorted((self.folder / "boot").iterdir())]
        used += [path for tree in self.trees for path in sorted(tree.rglob("*")) if path.is_file()]
        for path in used:
            state.update(f"\0{path.relative_to(self.folder)}\0".encode())
            state.update(path.read_bytes())
        return state.hexdigest()[:12]


def parse_list(text: str) -> list[str]:
    """The names in a package list: one a line, `#` starts a comment."""
    return [name for line in text.splitlines() if (name := line.partition("#")[0].strip())]
