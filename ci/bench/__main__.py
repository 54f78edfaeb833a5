"""`python -m ci.bench [PART…]`: runs the parts named, or all. A part is a module here with a `main`."""

from __future__ import annotations

import pkgutil
import sys
from importlib import import_module

import ci.bench

PARTS = [module.name for module in pkgutil.iter_modules(ci.bench.__path__) if not module.name.startswith("_")]


def run(wanted: list[str]) -> int:
    """Runs parts one after another; the exit code is 1 when one of them missed a target."""
    unknown = sorted(set(wanted) - set(PARTS))
    if unknown:
        sys.exit(f"no such part: {', '.join(unknown)}; there are: {', '.join(PARTS)}")
    return max([import_module(f"ci.bench.{part}").main() or 0 for part in wanted or PARTS])


sys.exit(run(sys.argv[1:]))
