"""Why each line of a shipped policy is there: `tuning.json`, as pydantic models.

`docs/tuning.md` describes the same in prose. What appears thousands of times is short: scenarios are numbers
of `Explanation.sources`, and what has its default value is left out.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from harness.record.naming import without_repetition

EXPLANATION_SCHEMA = 1
INSTRUMENT = "instrument"
"""Why rules of the harness itself are not shipped; under test they are needed again."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class TunedRun(_Model):
    """A run that the policy was made from; `path` as it was given."""

    name: str
    path: str
    image: str = ""
    sha256: str = ""


class Source(_Model):
    """Where learned rules came from: a checkpoint's baseline, or a scenario's fragment.

    Attributes:
        run: number of the run in `Explanation.runs`.
        id: the checkpoint's name or the scenario's ID.
        outcome: of the scenario; empty for a checkpoint.
        used: whether its rules went into the policy.
    """

    run: int
    kind: Literal["checkpoint", "scenario"]
    id: str
    outcome: str = ""
    used: bool = True


class AppliedRule(_Model):
    """A tuning rule, and how many learned rules it rewrote."""

    name: str
    reason: str
    file: str
    rewrote: int = 0


class Learned(_Model):
    """A learned rule; `domain` is empty where it is the domain that the shipped rule is in."""

    rule: str
    domain: str = ""


class ShippedRule(_Model):
    """One line of the policy.

    Attributes:
        rule: the line, as it stands in the policy.
        learned: the learned rules that it stands for; empty when that is the line itself, in this domain.
        by: the tuning rules that made it, by name.
        sources: numbers of `Explanation.sources`: who learned what it stands for.
        beyond: how many paths of the image it admits beyond those learned; None when no image was given.
    """

    rule: str
    learned: tuple[Learned, ...] = ()
    by: tuple[str, ...] = ()
    sources: tuple[int, ...] = ()
    beyond: int | None = None


class ShippedDomain(_Model):
    """The rules of a domain or of an `acl_group`.

    Attributes:
        learned: the domains whose rules it holds, when it is not just the one of the same name.
        rules: in the order of the policy.
        beyond: how many paths of the image it admits, by its own rules or its groups, that it did not ask
            for; None for a group, and when no image was given.
    """

    learned: tuple[str, ...] = ()
    rules: tuple[ShippedRule, ...] = ()
    beyond: int | None = None


class Removed(_Model):
    """Learned rules that are not shipped, and why; lines of exception policy where `domain` is empty."""

    domain: str
    why: str
    rules: tuple[str, ...] = ()


class Figures(_Model):
    """How many lines there were at each stage.

    Attributes:
        learned: rules as the kernel holds them, summed over domains.
        layered: how many of them name a layer of the overlay: second names of a file.
        layered_shipped: how many such rules are shipped.
        shipped: rules in domains and acl_groups together.
        lines_before: lines of the domain policy and the exception policy together, had nothing been tuned.
        lines_after: the same, shipped.
        beyond: paths of the image admitted beyond those asked for, over all domains; None without an image.
        image_paths: how many paths the image has; None without an image.
    """

    learned: int = 0
    layered: int = 0
    layered_shipped: int = 0
    shipped: int = 0
    lines_before: int = 0
    lines_after: int = 0
    beyond: int | None = None
    image_paths: int | None = None


class Explanation(_Model):
    """`tuning.json`.

    Attributes:
        own_rules: texts of the tuning rules that are not Tomograph's, by the name in `rules`: what is denied
            under the policy is tuned as the policy was.
        domains: by name.
        acl_groups: by number, as text.
    """

    schema_version: int = Field(default=EXPLANATION_SCHEMA, alias="schema")
    tomograph: str = ""
    runs: tuple[TunedRun, ...] = ()
    sources: tuple[Source, ...] = ()
    rules: tuple[AppliedRule, ...] = ()
    own_rules: dict[str, str] = {}
    domains: dict[str, ShippedDomain] = {}
    acl_groups: dict[str, ShippedDomain] = {}
    removed: tuple[Removed, ...] = ()
    figures: Figures = Figures()

    @property
    def learned_from(self) -> frozenset[str]:
        """The IDs of the scenarios whose rules went into the policy, however often each was learned."""
        return frozenset(
            without_repetition(source.id)
            for source in self.sources
            if source.kind == "scenario" and source.used
        )

    def dump(self) -> bytes:
        """The document; of the same value always the same bytes."""
        # The version is a default too, and the one that has to be there.
        document = self.model_dump_json(by_alias=True, exclude_defaults=True)
        return f'{{"schema":{self.schema_version},{document[1:]}\n'.encode()
