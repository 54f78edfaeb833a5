# ruff: noqa: E501 - names as machines give them are long
"""The shipped rules on names that real machines gave, and what a rule may not make."""

from __future__ import annotations

import pytest

from harness.analysis.tuning import load_rules, parse_rules
from harness.analysis.tuning.rewriting import Rewriter
from harness.errors import PolicyError
from harness.policy import parse_rule

UDEVD = "<kernel> /usr/sbin/init /usr/lib/systemd/systemd-executor /usr/lib/systemd/systemd-udevd"
SYSTEMD = "<kernel> /usr/lib/systemd/systemd"
SHIPPED = Rewriter(load_rules())


@pytest.mark.parametrize(
    ("line", "shipped", "by"),
    [
        (
            "file read proc:/1274/task/1280/stat",
            r"file read proc:/\$/task/\$/stat",
            ("process-number", "thread-number"),
        ),
        ("file read proc:/1/environ", "file read proc:/1/environ", ()),
        ("file ioctl socket:[3182] 0x540F", r"file ioctl socket:[\$] 0x540F", ("unnamed-object",)),
        ("file read/write /dev/pts/3", None, ()),
        (
            "file create /run/systemd/journal/streams/.#9:93131e64c5495b598c6 0600",
            r"file create /run/systemd/journal/streams/.#\$:\* 0600",
            ("journal-stream",),
        ),
        (
            'file symlink /run/systemd/units/.#invocation:gdm.service18ce1c7d824d0b65 symlink.target="a9f768e9ab6a480bb591cb643d25da32"',
            r'file symlink /run/systemd/units/.#invocation:\* symlink.target="\X"',
            ("invocation", "invocation-target"),
        ),
        (
            "file mkdir /tmp/systemd-private-8fb838ac95a14a91a90a89d448a85dbc-colord.service-WjRLWK/tmp/ 01777",
            r"file mkdir /tmp/systemd-private-\*/tmp/ 01777",
            ("private-tmp",),
        ),
        (
            "file rename /home/amnesia/.config/dconf/user.C1BAZ3 /home/amnesia/.config/dconf/user",
            r"file rename /home/amnesia/.config/dconf/user.\?\?\?\?\?\? /home/amnesia/.config/dconf/user",
            ("random-suffix",),
        ),
        (
            "file create /home/amnesia/.cache/fontconfig/62f91419b9ebdb6975e7e41ab6412357-le64.cache-9.TMP-2lNB0K 0600",
            r"file create /home/amnesia/.cache/fontconfig/\X-le64.cache-\$.TMP-\?\?\?\?\?\? 0600",
            ("random-suffix", "font-cache"),
        ),
        (
            "file read /home/amnesia/.config/mozilla/firefox/jssbnv2s.default-esr/key4.db",
            r"file read /home/amnesia/.config/mozilla/firefox/\?\?\?\?\?\?\?\?.default-esr/key4.db",
            ("browser-profile",),
        ),
        (
            "network unix stream bind \\000232d423366895c3e/bus/systemctl/",
            r"network unix stream bind \000\X/bus/systemctl/",
            ("private-bus-socket",),
        ),
        (
            "network inet dgram bind 0.0.0.0 40123",
            "network inet dgram bind 0.0.0.0 32768-60999",
            ("ephemeral-port",),
        ),
        ("network inet stream connect 9.9.9.9 40123", "network inet stream connect 9.9.9.9 40123", ()),
        (
            "file mkdir /home/amnesia/.config/onionshare/tmp/tmp3u_qrtmr/ 0700",
            r"file mkdir /home/amnesia/.config/onionshare/tmp/tmp\?\?\?\?\?\?\?\?/ 0700",
            ("python-temporary",),
        ),
        (
            "file create /tmp/tmpjciqqq6y/leaflet.pdf 0600",
            r"file create /tmp/tmp\?\?\?\?\?\?\?\?/leaflet.pdf 0600",
            ("python-temporary",),
        ),
        (
            "file rename /home/amnesia/.electrum/wallets/post.tmp.1627 /home/amnesia/.electrum/wallets/post",
            r"file rename /home/amnesia/.electrum/wallets/post.tmp.\$ /home/amnesia/.electrum/wallets/post",
            ("process-number-suffix",),
        ),
        (
            "file create /home/amnesia/.local/share/keyrings/.#lk0x7f05c0006c10.amnesia.983 0644",
            r"file create /home/amnesia/.local/share/keyrings/.#lk\* 0644",
            ("gnupg-lock",),
        ),
        (
            "file mkdir /home/amnesia/.cache/thunderbird/004mww8f.default-default/cache2/ 0700",
            r"file mkdir /home/amnesia/.cache/thunderbird/\?\?\?\?\?\?\?\?.default-default/cache2/ 0700",
            ("browser-profile",),
        ),
        (
            r"file create /home/amnesia/.config/mozilla/firefox/Profile\040Groups/4939c12f.sqlite-wal 0644",
            r"file create /home/amnesia/.config/mozilla/firefox/Profile\040Groups/\X.sqlite-wal 0644",
            ("browser-profile-group",),
        ),
        (
            "file write /home/amnesia/.cache/x/cache2/ce_T151c2VyQ29udGV4dElkPTIwMDA0LA==",
            r"file write /home/amnesia/.cache/x/cache2/ce_\*",
            ("browser-cache-context",),
        ),
        (
            "file rename /home/amnesia/.config/libreoffice/4/user/03bzWO /home/amnesia/.config/libreoffice/4/user/registrymodifications.xcu",
            r"file rename /home/amnesia/.config/libreoffice/4/user/\?\?\?\?\?\? /home/amnesia/.config/libreoffice/4/user/registrymodifications.xcu",
            ("office-settings",),
        ),
        (
            "file create /home/amnesia/.purple/logs/jabber/alice@chat.example/bob@chat.example/2026-11-23.100325+0000UTC.html 0600",
            r"file create /home/amnesia/.purple/logs/jabber/alice@chat.example/bob@chat.example/\*.html 0600",
            ("chat-log",),
        ),
        (
            "file read /tmp/gnome-desktop-thumbnailer-MG8FZ3/gnome-desktop-thumbnailer.png",
            r"file read /tmp/gnome-desktop-thumbnailer-\?\?\?\?\?\?/gnome-desktop-thumbnailer.png",
            ("temporary-folder",),
        ),
        (
            "file mount /oldroot/tmp/gnome-desktop-thumbnailer-MQIGZ3/ /newroot/tmp/ --bind 0xC000",
            r"file mount /oldroot/tmp/gnome-desktop-thumbnailer-\?\?\?\?\?\?/ /newroot/tmp/ --bind 0xC000",
            ("temporary-folder",),
        ),
        (
            "network unix stream bind /tmp/.CFBeGp/s",
            r"network unix stream bind /tmp/.\?\?\?\?\?\?/s",
            ("hidden-temporary",),
        ),
        (
            "file create /tmp/lu16838boy.tmp/lu16838boz.tmp 0600",
            r"file create /tmp/lu\*.tmp/lu\*.tmp 0600",
            ("office-temporary",),
        ),
        (
            "file mkdir /run/shutdown/mounts/713560a1cb13b7d9/ 0700",
            r"file mkdir /run/shutdown/mounts/\X/ 0700",
            ("mount-at-shutdown",),
        ),
        ("file read /usr/share/tmp3u_qrtmr/a", "file read /usr/share/tmp3u_qrtmr/a", ()),
        (
            "network inet stream bind/listen 127.0.0.1 17608",
            "network inet stream bind/listen 127.0.0.1 17600-17650",
            ("onionshare-port",),
        ),
        (
            "network inet stream connect 127.0.0.1 17608",
            "network inet stream connect 127.0.0.1 17600-17650",
            ("onionshare-port",),
        ),
        ("file chmod /run/x/#1163 0644", r"file chmod /run/x/#\$ 0644", ("unnamed-file",)),
        (
            "network unix stream bind /run/gdm3/dbus/dbus-va1w0n8r",
            r"network unix stream bind /run/gdm3/dbus/dbus-\?\?\?\?\?\?\?\?",
            ("random-suffix-of-eight",),
        ),
        (
            "file read /sys/module/snd_timer/initstate",
            r"file read /sys/module/\*/initstate",
            ("module-state",),
        ),
        ("misc env LC_TIME", r"misc env LC_\*", ("locale-variable",)),
        ("file write /etc/.#.updateda76da332cd904f69", r"file write /etc/.#.updated\X", ("state-file",)),
        (
            "file read /home/amnesia/.config/layout.config",
            "file read /home/amnesia/.config/layout.config",
            (),
        ),
        (
            'file execute /usr/lib/python3/dist-packages/x exec.argv[0]="x"',
            'file execute /usr/lib/python3/dist-packages/x exec.argv[0]="x"',
            (),
        ),
    ],
)
def test_the_shipped_rules(line: str, shipped: str | None, by: tuple[str, ...]):
    if shipped is None:
        line, shipped, by = "file read /dev/pts/3", r"file read /dev/pts/\$", ("pseudo-terminal",)
    rewritten = SHIPPED.rewrite(SYSTEMD, parse_rule(line))
    assert (str(rewritten.rule), rewritten.by) == (shipped, by)


def test_a_rule_for_one_domain_leaves_the_others():
    line = parse_rule('file symlink /dev/char/.#5:23b717caac7185e92 symlink.target="../ptmx"')
    assert "device-database-target" in SHIPPED.rewrite(UDEVD, line).by
    assert "device-database-target" not in SHIPPED.rewrite(SYSTEMD, line).by


def rewriter(rest: str) -> Rewriter:
    head = "[[rule]]\nname = 'r'\nreason = 'because of a test'\n"
    return Rewriter((parse_rules(head + rest, source="r.toml"),))


def test_an_escape_is_one_byte_and_stays_whole():
    rule = rewriter(r"""match = '[0-9]+'
pattern = '\$'""").rewrite("<kernel>", parse_rule(r"file read /srv/a\0401b22"))
    assert str(rule.rule) == r"file read /srv/a\040\$b\$"


def test_only_the_first_parentheses_are_replaced():
    rule = rewriter(r"""match = '/x([0-9]+)y'
pattern = '\$'""").rewrite("<kernel>", parse_rule("file read /srv/x12y"))
    assert str(rule.rule) == r"file read /srv/x\$y"


@pytest.mark.parametrize("first", [0, 1])
def test_where_a_link_leads_to_is_no_name(first: int):
    made = rewriter(r"""match = '[0-9]+$'
pattern = '\$'""")
    name, target = (
        'file symlink /run/x/7 symlink.target="a"',
        'file symlink /run/x/u symlink.target="/run/x/7"',
    )
    rewritten = {
        line: str(made.rewrite("<kernel>", parse_rule(line)).rule)
        for line in (name, target)[:: 1 - 2 * first]
    }
    assert rewritten == {name: r'file symlink /run/x/\$ symlink.target="a"', target: target}


def test_a_pattern_that_does_not_admit_what_it_replaces_is_an_error():
    with pytest.raises(PolicyError, match="which that does not admit"):
        rewriter(r"""match = '[a-z]+$'
pattern = '\$'""").rewrite("<kernel>", parse_rule("file read /srv/abc"))


def test_more_wildcards_than_the_kernel_takes_are_an_error():
    with pytest.raises(PolicyError, match="the kernel would not take"):
        rewriter(r"""match = '[0-9]'
pattern = '\*'""").rewrite("<kernel>", parse_rule(f"file read /srv/{'1a' * 21}"))


def test_a_pattern_that_was_learned_stays_as_it_is():
    line = r"file read /home/amnesia/.config/mozilla/firefox/\?\?\?\?\?\?\?\?.default-esr/cache2/ce_T151c"
    assert str(SHIPPED.rewrite("<kernel> /usr/bin/firefox", parse_rule(line)).rule) == line


def test_what_an_earlier_rule_made_of_a_word_is_not_written_over():
    rules = parse_rules(
        r"""
        [[rule]]
        name = "number"
        reason = "the first of them"
        match = '(?<=/)\d+(?=/)'
        pattern = '\$'
        [[rule]]
        name = "whole"
        reason = "the second of them"
        patterns = ['/run/x/12/\*', '/run/x/\*', '/run/y/\{\*\}/\*']
        """,
        source="test.toml",
    )
    rewritten = Rewriter((rules,)).rewrite("<kernel> /a", parse_rule("file read /run/x/12/ab"))
    assert (str(rewritten.rule), rewritten.by) == (r"file read /run/x/\$/ab", ("number",))
    for word, wanted in (("/run/x/ab", r"/run/x/\*"), ("/run/y/7/ab", r"/run/y/\{\*\}/\*")):
        rule = Rewriter((rules,)).rewrite("<kernel> /a", parse_rule(f"file read {word}")).rule
        assert str(rule) == f"file read {wanted}"


def test_a_rule_whose_work_is_replaced_is_not_named():
    rules = parse_rules(
        r"""
        [[rule]]
        name = "number"
        reason = "the first of them"
        match = '/run/x/(\d+)/'
        pattern = '\$'
        [[rule]]
        name = "whole"
        reason = "the second of them"
        patterns = ['/run/x/\*/\*']
        [[rule]]
        name = "ending"
        reason = "the third of them"
        match = '[.](new)$'
        pattern = '\*'
        """,
        source="test.toml",
    )
    rewritten = Rewriter((rules,)).rewrite("<kernel> /a", parse_rule("file read /run/x/12/ab"))
    assert (str(rewritten.rule), rewritten.by) == (r"file read /run/x/\*/\*", ("whole",))
