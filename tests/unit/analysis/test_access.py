import pytest

from harness.analysis.access import Access, accesses


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("file read /etc/passwd", ["file read /etc/passwd"]),
        ("file read/write/unlink /tmp/x", ["file read /tmp/x", "file write /tmp/x", "file unlink /tmp/x"]),
        ("file create/mkdir /x 0600", ["file create /x 0600", "file mkdir /x 0600"]),
        ("file rename /a /b", ["file rename /a /b"]),
        (
            "network inet stream bind/listen 127.0.0.1 9050",
            ["network inet stream bind 127.0.0.1 9050", "network inet stream listen 127.0.0.1 9050"],
        ),
        ("network unix dgram send @x", ["network unix dgram send @x"]),
        ("misc env HOME", ["misc env HOME"]),
        ("task manual_domain_transition <kernel> /a", ["task manual_domain_transition <kernel> /a"]),
        ("file read /x task.uid=0 path1.parent.uid!=0", ["file read /x"]),
    ],
)
def test_one_access_for_each_permission(rule: str, expected: list[str]) -> None:
    assert [access.entry for access in accesses(rule)] == expected


def test_what_learning_attached_comes_along() -> None:
    rule = r'file execute /usr/bin/sh exec.realpath="/usr/bin/dash" exec.argv[0]="a=b\040c"'
    assert list(accesses(rule)) == [
        Access(
            "file execute /usr/bin/sh",
            ('exec.realpath="/usr/bin/dash"', r'exec.argv[0]="a=b\040c"'),
        )
    ]


def test_a_transition_is_no_part_of_the_access() -> None:
    assert [access.entry for access in accesses("file execute /usr/bin/sh keep")] == [
        "file execute /usr/bin/sh"
    ]


def test_what_is_no_rule_is_its_own_access() -> None:
    assert list(accesses("a line of another kernel")) == [Access("a line of another kernel")]
