from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from harness.record.drains import Drain, frame, read_drains

AT = datetime(2026, 11, 22, 18, 47, 56, tzinfo=UTC)
hostile = st.binary() | st.just(b'\n#drain {"step": 9, "at": "2026-11-22T18:47:56+00:00", "bytes": 3}\nabc\n')
drains = st.builds(Drain, step=st.none() | st.integers(0, 99), at=st.just(AT), data=hostile)


@given(st.lists(drains))
def test_whatever_the_guest_wrote_comes_back_under_its_step(written: list[Drain]) -> None:
    assert list(read_drains(b"".join(map(frame, written)))) == written


@given(st.lists(drains, min_size=1), st.integers(min_value=2))
def test_a_log_cut_short_keeps_every_whole_drain(written: list[Drain], cut: int) -> None:
    log = b"".join(map(frame, written))
    read = list(read_drains(log[: max(0, len(log) - cut)]))
    whole = [drain for drain in read if not drain.torn]
    assert whole == written[: len(whole)]
    assert len(read) - len(whole) <= 1


def test_a_torn_drain_says_so() -> None:
    (drain,) = read_drains(frame(Drain(2, AT, b"a record"))[:-4])
    assert (drain.step, drain.data, drain.torn) == (2, b"a rec", True)


def test_what_is_no_log_holds_no_drain() -> None:
    assert list(read_drains(b"#drain [1]\nabc\n")) == []
    assert list(read_drains(b"\x00" * 100)) == []
