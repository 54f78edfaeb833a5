import pytest
from hypothesis import given

from harness.errors import PolicyError
from harness.policy.pattern import compile_pattern, matches, parse_word
from harness.policy.pattern.language import accepts
from tests.generators.patterns import pairs


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("/usr/bin/gpg", "/usr/bin/gpg"),
        (r"/tmp/\*", "/tmp/.hidden"),
        (r"/tmp/a\*", "/tmp/a"),
        (r"/lib/lib\@.so", "/lib/libc-2.so"[:-5] + ".so"),
        (r"/proc/\$/stat", "/proc/4711/stat"),
        (r"/dev/tty\+", "/dev/tty7"),
        (r"/x/\X", "/x/00fFaA"),
        (r"/x/\A\a", "/x/abC"),
        (r"/x/\?", r"/x/\040"),
        (r"/x/\?", r"/x/\\"),
        (r"/x/\*\040y", r"/x/a\040\040y"),
        (r"/x/\{\*\}/y", "/x/1/2/3/y"),
        (r"/x/\{a\*\}/", "/x/a/ab/"),
        (r"\*:[\$]", "pipe:[123]"),
        (r"\*:/\{\*\}/\*", "proc:/1/stat"),
        (r"/\*/lib\*\-libc\-libm", "/x/libd"),
    ],
)
def test_admits(pattern: str, name: str) -> None:
    assert matches(pattern, name)


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("/usr/bin/gpg", "/usr/bin/gpgv"),
        (r"/tmp/\*", "/tmp/a/b"),
        (r"/tmp/\*", "/tmp/"),
        (r"/tmp/\*", "/tmp/a/"),
        (r"/tmp/\*/", "/tmp/a"),
        (r"/lib/lib\@.so", "/lib/libc-2.3.so"),
        (r"/proc/\$/stat", "/proc/self/stat"),
        (r"/x/\?", "/x/ab"),
        (r"/x/\*40", r"/x/a\040"),
        (r"/x/\{a\*\}/y", "/x/y"),
        (r"/x/\{a\*\}/y", "/x/b/y"),
        (r"\*:/\*", "proc:/1/stat"),
        (r"\*:[\$]", "anon_inode:[eventfd]"),
        (r"/\*/lib\*\-libc\-libm", "/x/libm"),
    ],
)
def test_refuses(pattern: str, name: str) -> None:
    assert not matches(pattern, name)


# What surprises in the kernel's matcher; tests/oracle asks the kernel about each of these.
@pytest.mark.parametrize(
    ("pattern", "name", "answer"),
    [
        # subtraction sees only what is left behind the constant beginning of the whole pattern
        (r"/foo\*\-foobar", "/foobar", True),
        (r"/foo\*\-bar", "/foobar", False),
        (r"/\*/foo\*\-foobar", "/x/foobar", False),
        # stars left over at the end may be missing, with the slash before them
        (r"/home/\*/\*", "/home/user", True),
        (r"/home/\$/\*\@", "/home/7", True),
        (r"/home/u\*/\*", "/home/u", False),
        (r"/home/\{\*\}/\*", "/home/user", False),
        # nothing left of the name: what is left of the pattern must be stars
        (r"/a\*\-b", "/a", False),
        (r"/x/a\*\-b", "/x/ac", True),
    ],
)
def test_kernel_quirks(pattern: str, name: str, answer: bool) -> None:
    assert matches(pattern, name) is answer


@given(pairs())
def test_expression_and_automaton_agree(pair: tuple[str, str]) -> None:
    pattern, name = pair
    assert matches(pattern, name) == accepts(parse_word(pattern), name)


def test_a_pattern_made_to_backtrack_answers_at_once() -> None:
    pattern = "/" + r"\*a" * 19 + r"\*"
    assert not compile_pattern(pattern).matches("/" + "a" * 18)
    assert not compile_pattern("/x" + r"\*a" * 19 + "b").matches("/x" + "a" * 4000)


@pytest.mark.parametrize(
    ("word", "column"),
    [
        ("", 1),
        (r"/\(dir\)/", 2),
        (r"/a\{b\}/", 3),
        (r"/\{b\}", 1),
        (r"/\{b/c\}/", 1),
        (r"/\101", 2),
        (r"/a\9", 3),
        ("/a\\", 3),
        ("/" + r"\*" * 21, 42),
        (r"/\{a\}" * 11 + "/", 62),
        ("/ä", 2),
    ],
)
def test_words_that_the_kernel_refuses(word: str, column: int) -> None:
    with pytest.raises(PolicyError) as caught:
        parse_word(word)
    assert caught.value.column == column
    assert caught.value.expected
