from hypothesis import given
from hypothesis import strategies as st

from harness.record import scenario_id


def test_a_readable_name() -> None:
    assert (
        scenario_id("/home/me/features/files/move.feature", "Rename a file's copy")
        == "files-move.rename-a-files-copy"
    )


def test_the_rows_of_an_outline_differ() -> None:
    rows = [{"kind": "RSA"}, {"kind": "Ed25519"}]
    assert [scenario_id("gpg.feature", "Make a key", row) for row in rows] == [
        "gpg.make-a-key-rsa",
        "gpg.make-a-key-ed25519",
    ]


def test_names_without_latin_letters_differ() -> None:
    assert scenario_id("a.feature", "打开") != scenario_id("a.feature", "关闭")


@given(feature=st.text(), name=st.text(), row=st.dictionaries(st.text(), st.text(), max_size=2))
def test_any_name_is_one_component_of_a_path(feature: str, name: str, row: dict[str, str]) -> None:
    result = scenario_id(feature, name, row)
    assert 0 < len(result) < 200
    assert set(result) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")
    assert not result.startswith(".")
