import pytest

from harness.policy import parse_exception_policy
from harness.policy.transitions import chain


@pytest.mark.parametrize(
    ("exceptions", "end"),
    [
        ("", "<kernel> /s /a /b"),
        ("initialize_domain /b from any", "<kernel> /b"),
        ("initialize_domain /b from /a", "<kernel> /b"),
        ("initialize_domain /b from <kernel> /s /a", "<kernel> /b"),
        ("initialize_domain /b from <kernel> /a", "<kernel> /s /a /b"),
        ("initialize_domain any from any", "<kernel> /b"),
        ("keep_domain any from <kernel> /s", "<kernel> /s"),
        ("keep_domain /a from any", "<kernel> /s /b"),
        ("keep_domain any from any\nno_keep_domain /b from any", "<kernel> /s /b"),
        ("keep_domain any from any\ninitialize_domain /b from any", "<kernel> /b"),
        ("initialize_domain /b from any\nno_initialize_domain /b from /a", "<kernel> /s /a /b"),
        # a no_… lifts its own kind only
        (
            "initialize_domain /b from any\nno_initialize_domain /b from /a\nkeep_domain /b from any",
            "<kernel> /s /a",
        ),
        ("reset_domain /b from any\ninitialize_domain /b from any", "</b>"),
        (
            "reset_domain /b from any\nno_reset_domain /b from any\ninitialize_domain /b from any",
            "<kernel> /b",
        ),
        ("reset_domain /a from any\n</a> keep_domain any from any", "</a>"),
        ("reset_domain /a from any\ninitialize_domain /b from any", "</a> /b"),
        ("aggregator /b /c", "<kernel> /s /a /c"),
        ("aggregator /\\? /one\naggregator /b /two", "<kernel> /s /one /one"),
        ("aggregator /b /c\ninitialize_domain /c from any", "<kernel> /c"),
        ("aggregator /b /c\ninitialize_domain /b from any", "<kernel> /s /a /c"),
    ],
)
def test_where_a_chain_ends(exceptions: str, end: str) -> None:
    assert chain(parse_exception_policy(exceptions), "<kernel> /s", ["/a", "/b"]) == end
