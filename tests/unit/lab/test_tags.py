import pytest

from harness.lab import tags
from harness.lab.checkpoints import CHECKPOINTS


def test_a_scenario_names_one_place_to_start_from() -> None:
    assert tags.checkpoint_of(["slow", "desktop-ready"]) == "desktop-ready"


def test_a_scenario_may_start_wherever_there_is_a_checkpoint() -> None:
    assert set(tags.STARTS) == {tags.POWER_OFF, *CHECKPOINTS}


@pytest.mark.parametrize("given", [[], ["slow"], ["console-ready", "desktop-ready"]])
def test_none_or_two_places_to_start_from_are_refused(given: list[str]) -> None:
    with pytest.raises(ValueError, match="exactly one"):
        tags.checkpoint_of(given)


def test_tolerated_findings_are_named_in_tags() -> None:
    assert tags.tolerated(["console-ready", "tolerates-audit-lost"]) == {"audit-lost"}


def test_a_typing_error_is_no_known_tag() -> None:
    assert tags.is_known("desktop-ready")
    assert tags.is_known("tolerates-quota-exceeded")
    assert not tags.is_known("destkop-ready")
    assert not tags.is_known("tolerates-audit-lots")


def test_what_is_never_learned_from_says_so() -> None:
    assert tags.kind_of(["console-ready"]) == "task"
    assert tags.kind_of(["console-ready", "refused"]) == "refused"
    assert tags.kind_of(["variant"]) == "variant"
    with pytest.raises(ValueError, match="not both"):
        tags.kind_of(["variant", "refused"])
