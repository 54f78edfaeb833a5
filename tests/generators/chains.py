"""Transition rules and chains of executions over a handful of programs, so that the rules often bite."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from harness.policy.access import Execution
from harness.policy.exception_policy import TRANSITIONS

PROGRAMS = ("/t/p/a", "/t/p/b", "/t/p/c", "/t/p/a7")
START = "<kernel> /s"
OTHER_NAMESPACE = "</t/p/a>"
"""A namespace that exists, with profiles; `</t/p/b>` and the others do not."""
ENVIRONMENTS = ((), ("A=1",), ("A=1", "B=x=y"), ("LC_ALL=C", "A="))

_NAMES = (*PROGRAMS, "/agg/x")
_DOMAINS = (
    START,
    "<kernel>",
    *(f"<kernel> {name}" for name in _NAMES),
    *(f"{START} {name}" for name in PROGRAMS),
    f"{START} /t/p/a /t/p/b",
    OTHER_NAMESPACE,
    f"{OTHER_NAMESPACE} /t/p/b",
)
_WILD = (r"/t/p/\*", r"/t/p/a\$", r"/t/p/\a", r"/t/p/\*\-b")
_PATTERNS = (*PROGRAMS, *PROGRAMS, *_WILD, "@PROGRAMS", "@NONE", "/agg/x")
_PREFERENCES = (
    *("keep", "child", "initialize", "reset", "parent"),
    *("/jump", "<kernel> /jump", "</t/p/a> /t/p/b", "</none>"),
)
_CONDITIONS = (
    *("exec.argc=1", "exec.argc!=1", "exec.envc=1-2", 'exec.argv[0]="/t/p/a"', r'exec.argv[0]!="/t/p/\*"'),
    *('exec.argv[1]="/t/p/b"', 'exec.argv[1]!="/t/p/b"', 'exec.envp["A"]="1"', 'exec.envp["A"]!="1"'),
    *('exec.envp["A"]=NULL', 'exec.envp["B"]!=NULL', r'exec.envp["\*"]="\*"', 'exec.realpath="/t/p/a"'),
    *("exec.realpath=@PROGRAMS", 'exec.realpath!="/t/p/a"', r'exec.envp["\A"]!="1"'),
)  # fmt: skip
GROUPS = ("path_group PROGRAMS /t/p/a", r"path_group PROGRAMS /t/p/\$", r"path_group PROGRAMS /t/p/a\+")


@dataclass(frozen=True, slots=True)
class DomainDraft:
    """A domain that is there before the chain begins."""

    name: str
    profile: int
    groups: tuple[int, ...]
    rules: tuple[str, ...]

    def lines(self) -> list[str]:
        groups = [f"use_group {number}" for number in self.groups]
        return [self.name, f"use_profile {self.profile}", *groups, *self.rules]


@dataclass(frozen=True, slots=True)
class World:
    """Everything that decides where chains end."""

    exceptions: tuple[str, ...]
    domains: tuple[DomainDraft, ...]
    environment: tuple[str, ...]
    chains: tuple[tuple[str, ...], ...]


def executions(chain: tuple[str, ...], environment: tuple[str, ...]) -> list[Execution]:
    """A chain as the oracle carries it out: each program is handed the rest of the chain as its arguments."""
    return [Execution(program, program, chain[at:], environment) for at, program in enumerate(chain)]


_CONTROLS = st.builds(
    "{} {} from {}".format,
    st.sampled_from(TRANSITIONS),
    st.sampled_from((*_NAMES, *_NAMES, "any", r"/t/p/\*")),
    st.sampled_from((*_DOMAINS, *_NAMES, "any", "any", "any")),
)
_AGGREGATORS = st.builds(
    "aggregator {} {}".format,
    st.sampled_from((*PROGRAMS, r"/t/p/\*", r"/t/p/a\$", r"/t/p/\a")),
    st.sampled_from(("/agg/x", "/t/p/a", "/t/p/b")),
)
_EXCEPTIONS = st.one_of(
    _CONTROLS,
    _CONTROLS,
    _CONTROLS,
    _AGGREGATORS,
    _CONTROLS.map(lambda line: f"{OTHER_NAMESPACE} {line}"),
)


@st.composite
def _rules(draw: st.DrawFn, *, learning: bool) -> str:
    if draw(st.integers(0, 3)) == 0:
        return draw(st.sampled_from(["misc env A", r"misc env \*", "misc env B", r"misc env LC_\A"]))
    words = ["file execute", draw(st.sampled_from(_PATTERNS))]
    if draw(st.integers(0, 2)) == 0:
        words.append(draw(st.sampled_from(_PREFERENCES)))
    # A rule that is learned on the way would decide the second time: no conditions there.
    if not learning and draw(st.integers(0, 2)) == 0:
        words.append(draw(st.sampled_from(_CONDITIONS)))
    return " ".join(words)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    learning = draw(st.booleans())
    profiles = st.sampled_from((0, 1, 1, 2) if learning else (0, 2, 3, 3))
    names = [START, *draw(st.lists(st.sampled_from(_DOMAINS[2:]), max_size=4, unique=True))]
    groups = st.sampled_from([(), (), (7,), (7, 9)])
    drafts = [
        DomainDraft(
            name,
            draw(profiles),
            draw(groups),
            tuple(dict.fromkeys(draw(st.lists(_rules(learning=learning), max_size=5)))),
        )
        for name in names
    ]
    shared = [
        f"acl_group {draw(st.sampled_from([7, 9]))} {rule}"
        for rule in draw(st.lists(_rules(learning=learning), max_size=3))
    ]
    chain = st.lists(st.sampled_from(PROGRAMS), min_size=1, max_size=4).map(tuple)
    return World(
        tuple(dict.fromkeys([*draw(st.lists(_EXCEPTIONS, max_size=6)), *shared])),
        tuple(drafts),
        draw(st.sampled_from(ENVIRONMENTS)),
        tuple(draw(st.lists(chain, min_size=10, max_size=16))),
    )
