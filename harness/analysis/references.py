"""Reference pictures, cut out of the screens that runs have kept."""

from __future__ import annotations

from dataclasses import dataclass

from harness.errors import RecordError
from harness.record.reader import RecordedScenario, Run
from harness.record.schema import Step
from harness.user.matching import LIKENESS, Match, find_picture
from harness.user.picture import Picture
from harness.user.reference import Reference, Source
from harness.user.region import Box


@dataclass(frozen=True, slots=True)
class Retaken:
    """A reference picture held against a newer run.

    Attributes:
        reference: as it is now: the old one where that would still be found.
        best: where the old one fits best in the newer screen; None where it is larger than the screen.
        changed: whether it had to be cut out anew.
    """

    reference: Reference
    best: Match | None
    changed: bool


def take(run: Run, name: str, *, scenario: str, step: str, box: Box, shows: str) -> Reference:
    """Cut a reference picture out of the screen after a step.

    Args:
        run: where the scenario was recorded.
        name: what to call it.
        scenario: an ID or a name, or a part of one.
        step: the step's sentence, or a part of it that no other step has.
        box: the part of the screen.
        shows: what it is a picture of.

    Raises:
        RecordError: no such scenario or step, no screen of it was kept, or the box is not on it.
        HostError: it is too flat to be found, or stands on that screen more than once.
    """
    return _cut_out(_Shown.by(run, scenario, step), name, box, shows)


def retake(reference: Reference, run: Run, *, box: Box | None = None) -> Retaken:
    """Hold a picture against the same step's screen in another run; cut it out anew where it does not fit.

    Args:
        reference: the picture.
        run: a newer run of its scenario.
        box: where it is now; if not given, where it was.

    Raises:
        RecordError, HostError: see `take`.
    """
    source = reference.source
    shown = _Shown.by(run, source.scenario, source.step)
    best = find_picture(reference.picture, shown.screen)
    if box is None and best is not None and best.likeness >= LIKENESS:
        return Retaken(reference, best, changed=False)
    return Retaken(_cut_out(shown, reference.name, box or source.box, source.shows), best, changed=True)


@dataclass(frozen=True, slots=True)
class _Shown:
    """The screen that a run has kept of a step."""

    run: Run
    scenario: RecordedScenario
    step: Step
    screen: Picture

    @classmethod
    def by(cls, run: Run, scenario: str, step: str) -> _Shown:
        recorded = run.scenario(scenario)
        found = _step(recorded, step)
        return cls(run, recorded, found, _screen(recorded, found))


def _cut_out(shown: _Shown, name: str, box: Box, shows: str) -> Reference:
    picture = _cut(shown.screen, box)
    _must_be_found_at(picture, shown.screen, box)
    manifest = shown.run.manifest
    source = Source(
        shows=shows, scenario=shown.scenario.id, step=shown.step.text,
        left=box.left, top=box.top, width=box.width, height=box.height,
        image=manifest.image.label, taken=manifest.started.date(),
    )  # fmt: skip
    return Reference(name, picture, source)


def _step(scenario: RecordedScenario, wanted: str) -> Step:
    steps = scenario.record.steps
    found = [step for step in steps if step.text == wanted] or [step for step in steps if wanted in step.text]
    if len({step.text for step in found}) == 1:
        return found[0]
    several = f"{len(found)} steps of it say" if found else "no step of it says"
    choices = "\n".join(f"  {step.text}" for step in found or steps)
    raise RecordError(f"{scenario.id}: {several} {wanted!r}", expected=f"one of\n{choices}")


def _screen(scenario: RecordedScenario, step: Step) -> Picture:
    """The last screen that was kept of a step."""
    if not step.screens:
        raise RecordError(
            f"{scenario.id}: no screen was kept after {step.text!r} ({step.outcome})",
            expected="a step that was done, in a scenario by screen",
            hint="name a run in which it was reached",
        )
    return Picture.load(scenario.folder / step.screens[-1])


def _cut(screen: Picture, box: Box) -> Picture:
    whole = Box(0, 0, screen.width, screen.height)
    if box.width < 1 or box.height < 1 or whole.around(box) != whole:
        raise RecordError(
            f"{box.width}x{box.height} pixels at {box.left},{box.top} are not on the screen",
            expected=f"a part of {screen.width}x{screen.height} pixels, as LEFT,TOP,WIDTH,HEIGHT",
        )
    return screen.crop(box)


def _must_be_found_at(picture: Picture, screen: Picture, box: Box) -> None:
    """Nothing else on the screen may look like it: a click would go anywhere."""
    rest = screen.pixels.copy()
    rest[box.top : box.bottom, box.left : box.right] = 0
    other = find_picture(picture, Picture(rest))
    if other is not None and other.likeness >= LIKENESS:
        raise RecordError(
            f"the same stands at {other.box.left},{other.box.top} too (alike by {other.likeness:.2f})",
            expected="a picture that is on its screen once",
            hint="take more of its surroundings along",
        )
