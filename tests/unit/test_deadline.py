from harness.deadline import Deadline


class Clock:
    """A clock that goes on only when somebody pauses."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds


def test_scale_stretches_the_deadline() -> None:
    deadline = Deadline.after(10, scale=3, clock=Clock())
    assert deadline.remaining == 30


def test_the_last_attempt_is_announced_and_happens_at_the_end() -> None:
    clock = Clock()
    deadline = Deadline.after(2, clock=clock)
    looks = [(last, clock.now) for last in deadline.attempts(pause=clock.pause)]
    assert [last for last, _ in looks] == [False] * (len(looks) - 1) + [True]
    assert looks[-1][1] >= 102


def test_an_expired_deadline_still_gives_one_look() -> None:
    clock = Clock()
    deadline = Deadline.after(0, clock=clock)
    assert list(deadline.attempts(pause=clock.pause)) == [True]


def test_at_most_never_exceeds_what_is_left() -> None:
    clock = Clock()
    deadline = Deadline.after(5, clock=clock)
    assert deadline.at_most(60) == 5
    clock.pause(7)
    assert deadline.at_most(60) == 0
    assert deadline.expired
