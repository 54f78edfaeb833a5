"""What the shipped sets make of a recording: it fits the task, and not what must be refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.analysis.tuning import Learned, Settings, load_rules, tune
from harness.policy import parse_rule
from harness.policy.covering import Groups, covers

Make = Callable[..., Learned]
SETS = load_rules()
BASH = "<kernel> /usr/bin/kgx /usr/bin/bash"
TAR, EDITOR = f"{BASH} /usr/bin/tar", "<kernel> /usr/bin/gnome-text-editor"
BROWSER = "<kernel> /usr/bin/gnome-shell /usr/lib/firefox-esr/firefox-esr"
INIT, NETWORK = "<kernel> /usr/sbin/init", "<kernel> /usr/sbin/init /usr/sbin/NetworkManager"
LOGIND = "<kernel> /usr/sbin/init /usr/lib/systemd/systemd-logind"
UDEV = "<kernel> /usr/sbin/init /usr/lib/systemd/systemd-udevd"
TOR = "<kernel> /usr/sbin/init /usr/bin/tor"
MAIL = "<kernel> /usr/bin/gnome-shell /usr/lib/thunderbird/thunderbird"
CHAT, WRITER = "<kernel> /usr/bin/pidgin", "<kernel> /usr/lib/libreoffice/program/soffice.bin"

PAINTER, AUDACITY = "<kernel> /usr/bin/gimp", "<kernel> /usr/bin/audacity"
USB, PRINTER = (
    "/sys/devices/pci0000:00/0000:00:02.2/0000:03:00.0",
    "<kernel> /usr/sbin/cupsd /usr/lib/cups/daemon/cups-exec",
)
BACKEND = "/usr/lib/cups/backend/socket"
PROJECT = r"/var/tmp/audacity-amnesia/New\040Project\040"
SHARE, PICTURES = f"{BASH} /usr/bin/onionshare", "/usr/share/onionshare/images"
GIT = f"{BASH} /usr/bin/git"
KEYGEN, GPG = f"{BASH} /usr/bin/ssh-keygen", f"{BASH} /usr/bin/gpg"
SHELL = "<kernel> /usr/lib/systemd/systemd /usr/lib/systemd/systemd-executor /usr/bin/gnome-shell"
FIREFOX = "/home/amnesia/.config/mozilla/firefox"
HOME, ICONS = "/home/amnesia", "/usr/share/icons"
STATE = f"{HOME}/.local/share/gnome-shell"
MANUAL = "/var/cache/man/cat1"
SCREEN_READER = "<kernel> /usr/libexec/at-spi-bus-launcher"
UUID = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
KEY = "0A1B2C3D4E5F60718293" * 2
CLEANER, THUMBNAILER = f"{BASH} /usr/bin/mat2 /usr/bin/bwrap", "<kernel> /usr/bin/nautilus /usr/bin/bwrap"
JOURNAL, EXECUTOR = f"{INIT} /usr/lib/systemd/systemd-journald", f"{INIT} /usr/lib/systemd/systemd-executor"
SETTINGS, KILL, BUS = f"{BASH} /usr/bin/gsettings", f"{BASH} /usr/bin/pkill", r"\000a1b2c3d4e5f6a7b8"
LEAVING = "<kernel> /usr/sbin/init /usr/lib/systemd/systemd-user-runtime-dir"
PROFILE = f"{HOME}/.thunderbird/a1b2c3d4.default-default"

ANOTHER_COMPUTER = (
    (
        "read /sys/devices/pci0000:00/0000:00:01.0/vendor",
        "read /sys/devices/pci0000:16/0000:16:1d.4/0000:17:00.1/vendor",
    ),
    (
        "read /sys/devices/pci0000:00/0000:00:02.4/0000:05:00.0/virtio3/input/input5/phys",
        "read /sys/devices/platform/i8042/serio0/input/input2/phys",
    ),
    (
        "read /sys/devices/pci0000:00/0000:00:02.0/0000:01:00.0/virtio0/net/enp1s0/address",
        "read /sys/devices/pci0000:00/0000:00:1c.2/0000:03:00.0/net/wlp3s0/address",
    ),
    (
        "read /sys/devices/pci0000:00/0000:00:01.0/drm/card0/card0-Virtual-1/edid",
        "read /sys/devices/pci0000:00/0000:00:02.0/drm/card1/card1-eDP-1/edid",
    ),
    (
        "read /sys/devices/pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0/block/sr0/size",
        "read /sys/devices/pci0000:00/0000:00:14.0/usb2/2-1/2-1:1.0/host6/target6:0:0/6:0:0:0/block/sr1/size",
    ),
    (
        f"read {USB}/usb2/2-1/2-1:1.0/host6/target6:0:0/6:0:0:0/block/sda/sda1/partition",
        f"read {USB}/usb2/2-1/2-1:1.0/host6/target6:0:0/6:0:0:0/block/sdaa/sdaa2/partition",
    ),
    (
        f"read {USB}/usb2/2-1/2-1:1.0/host6/target6:0:0/6:0:0:0/block/sda/size",
        "read /sys/devices/pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0/block/sdb/size",
    ),
    (
        "write /sys/devices/pci0000:00/0000:00:02.2/0000:03:00.0/usb1/power/control",
        "write /sys/devices/pci0000:00/0000:00:14.0/usb2/power/control",
    ),
    (
        "rename /dev/dri/by-path/.#pci-0000:00:01.0-card0123abcd /dev/dri/by-path/pci-0000:00:01.0-card",
        "rename /dev/dri/by-path/.#pci-0000:16:02.0-card4567cdef /dev/dri/by-path/pci-0000:16:02.0-card",
    ),
    ("read proc:/sys/net/ipv4/conf/enp1s0/rp_filter", "read proc:/sys/net/ipv4/conf/wlp3s0/rp_filter"),
    (
        f"write /var/lib/NetworkManager/internal-{UUID}-enp1s0.lease",
        f"write /var/lib/NetworkManager/internal-{UUID}-wlp3s0.lease",
    ),
)  # fmt: skip
"""What was recorded in a virtual machine, and the same on a computer with other parts."""
ANOTHER_QUESTION = (
    ("read /sys/devices/pci0000:00/0000:00:01.0/vendor", "read /sys/devices/pci0000:00/0000:00:01.0/config"),
    ("read /sys/devices/pci0000:00/0000:00:01.0/vendor", "write /sys/devices/pci0000:00/0000:00:01.0/vendor"),
    (
        "read /sys/devices/pci0000:00/0000:00:02.4/0000:05:00.0/virtio3/input/input5/phys",
        "read /sys/devices/pci0000:00/0000:00:02.4/0000:05:00.0/virtio3/net/enp1s0/phys",
    ),
    ("read /sys/devices/virtual/dmi/id/sys_vendor", "read /sys/devices/virtual/dmi/id/product_serial"),
    ("read /sys/devices/virtual/net/lo/type", "read /sys/devices/virtual/net/tun0/type"),
    ("read proc:/sys/net/ipv4/conf/enp1s0/rp_filter", "read proc:/sys/net/ipv4/conf/all/forwarding"),
)
"""What is not the same, however other the computer is."""


def admits(
    learned: Make,
    domain: str,
    recorded: list[str],
    access: str,
    elsewhere: dict[str, list[str]] | None = None,
) -> bool:
    """Whether the policy that is made of `recorded` in `domain`, and of others, admits `access` there."""
    policy = tune(learned({domain: recorded, **(elsewhere or {})}), Settings(rules=SETS)).policy
    held = policy.domains[domain]
    rules = [parse_rule(rule) for rule in held.rules]
    for number in held.groups:
        rules += policy.exceptions.acl_group(number)
    groups = Groups.of(policy.exceptions)
    return any(covers(rule, parse_rule(access), groups) for rule in rules)


def test_one_that_complains_speaks_for_all(learned: Make) -> None:
    complain = "network unix dgram send /run/systemd/journal/socket"
    assert admits(learned, EDITOR, ["file read /a"], complain, {SCREEN_READER: [complain]})
    assert not admits(learned, EDITOR, ["file read /a"], complain, {SCREEN_READER: ["file read /b"]})


@pytest.mark.parametrize(
    ("domain", "recorded", "access"),
    [
        (TAR, f"file read {HOME}/papers/one.txt", f"file read {HOME}/letters/bob.txt"),
        (
            GPG,
            f"file read {HOME}/bob/private-keys-v1.d/{KEY}.key",
            f"file read {HOME}/carol/private-keys-v1.d/{KEY[::-1]}.key",
        ),
        (
            EDITOR,
            "file write /tmp/8b29b7b5-e7e6-4b6a-a7c1-0e5b2e8ba8bd",
            "file write /tmp/00000000-e7e6-4b6a-a7c1-0e5b2e8ba8bd",
        ),
        (GIT, "file create /tmp/.git_vtag_tmpUDn7Ai 0600", "file create /tmp/.git_vtag_tmpcbeMq7 0600"),
        (TAR, f"file create {MANUAL}/cat3SG05p 0600", f"file create {MANUAL}/catabCD12 0600"),
        (TAR, f"file read {HOME}/papers/one.txt", f"file read {HOME}/march.txt"),
        (TAR, f"file read {HOME}/one.txt", f"file read {HOME}/minutes/again/march.txt"),
        (TAR, f"file create {HOME}/papers.tar.gz 0666", f"file create {HOME}/a/letters.tar.gz 0644"),
        (TAR, f"file write tmpfs:/rw{HOME}/papers.tar.gz", f"file write tmpfs:/rw{HOME}/a/b.tar.gz"),
        (TAR, f"file mkdir {HOME}/unpacked/papers/ 0775", f"file mkdir {HOME}/received/ 0775"),
        (TAR, f"file truncate {HOME}/a.cleaned.pdf", f"file truncate {HOME}/Documents/b.cleaned.pdf"),
        (TAR, f"file unlink {HOME}/papers/one.txt", f"file unlink {HOME}/two.txt"),
        (TAR, f"file rename {HOME}/a {HOME}/b/c", f"file rename {HOME}/d/e {HOME}/f"),
        (TAR, f"file truncate {HOME}/a.txt", f"file truncate {HOME}/b.txt"),
        (EDITOR, f"file write {HOME}/.~lock.a.odt#", f"file write {HOME}/.~lock.b.odt#"),
        (BROWSER, f"file read {HOME}/welcome.html", f"file read {HOME}/Documents/recipe.html"),
        (BROWSER, f"file write {HOME}/Downloads/song.ogg", f"file write {HOME}/Downloads/film.webm"),
        (KEYGEN, f"file create {HOME}/.ssh/id_ed25519 0644", f"file create {HOME}/.ssh/id_work 0644"),
        (
            GPG,
            f"file write {HOME}/.gnupg/openpgp-revocs.d/FFCB067529D81FA908C8A721C227CD739575E131.rev",
            f"file write {HOME}/.gnupg/openpgp-revocs.d/ACB4888EF8EC45E5E281BC40A31545BE2E31EF3F.rev",
        ),
        (EDITOR, f"file read {ICONS}/Adwaita/index.theme", f"file read {ICONS}/hicolor/index.theme"),
        (NETWORK, "file create /etc/resolv.conf.G4JHZ3 0666", "file create /etc/resolv.conf.EFPEZ3 0666"),
        (TAR, "file read /mnt/notes.txt", "file read /mnt/address.txt"),
        (TOR, "network inet stream connect 192.0.2.101 9001", "network inet stream connect 45.66.35.11 443"),
        (BROWSER, "network inet stream connect 192.0.2.80 443", "network inet stream connect 9.9.9.9 443"),
        (BROWSER, "network inet stream connect 192.0.2.80 443", "network inet stream connect 2620:fe::9 443"),
        (NETWORK, "network inet dgram bind 10.0.2.15 68", "network inet dgram bind 192.168.1.7 68"),
        (MAIL, f"file write {PROFILE}/ImapMail/post.example.msf", f"file write {PROFILE}/ImapMail/a.org.msf"),
        (MAIL, f"file read {PROFILE}/Mail/Feeds/news.example", f"file read {PROFILE}/Mail/Feeds/Kettles"),
        (
            CHAT,
            f"file mkdir {HOME}/.purple/logs/jabber/alice@a.example/bob@a.example/ 0700",
            f"file mkdir {HOME}/.purple/logs/jabber/carol@b.org/dave@c.org/ 0700",
        ),
        (
            CHAT,
            f"file write {HOME}/.purple/certificates/x509/tls_peers/chat.example",
            f"file write {HOME}/.purple/certificates/x509/tls_peers/c.org",
        ),
        (
            WRITER,
            "file create /tmp/lu17578qpw.tmp/lu1757{F4116B4C-3E89-477E-ADEA-D1E2D4D71C55}.tmp 0666",
            "file create /tmp/lu2141abc.tmp/lu2141{44136F0C-14B1-4F74-89C6-F6FED6D10246}.tmp 0666",
        ),
        (LOGIND, "file read /sys/devices/a/input2/event1/uevent", "file read /sys/devices/a/input2/uevent"),
        (LEAVING, "file rmdir /run/user/1000/dconf/", "file unlink /run/user/1000/wayland-0.lock"),
        (SHELL, "file mksock /tmp/.X11-unix/X0 0775", "file unlink /tmp/.X1-lock"),
        (
            f"{THUMBNAILER} /usr/bin/evince-thumbnailer",
            "file read /tmp/gnome-desktop-file-to-thumbnail.pdf",
            "file create /tmp/gnome-desktop-thumbnailer.png 0666",
        ),
        (TAR, f"file chmod {HOME}/holiday.png 0666", f"file chmod {HOME}/Pictures/garden.png 0644"),
        (
            CLEANER,
            f"file mount /oldroot{HOME}/holiday.png /newroot{HOME}/holiday.png --bind 0xC000",
            f"file mount /oldroot{HOME}/Pictures/garden.png /newroot{HOME}/Pictures/garden.png --bind 0xC000",
        ),
        (
            CLEANER,
            f"file mount none /newroot{HOME}/holiday.png --remount 0x9407",
            f"file mkdir /newroot{HOME}/Pictures/ 0755",
        ),
        (
            THUMBNAILER,
            f"file mount /oldroot{HOME}/a.pdf /newroot/tmp/gnome-desktop-file-to-thumbnail.pdf --bind 0xC000",
            f"file mount /oldroot{HOME}/b/c /newroot/tmp/gnome-desktop-file-to-thumbnail.png --bind 0xC000",
        ),
        (BROWSER, rf"file write {HOME}/The\040kettle.pdf", f"file write {HOME}/Tea.pdf"),
        (
            GIT,
            f"file write {HOME}/recipes/.git/objects/pack/pack-{'1f' * 20}.idx",
            f"file write {HOME}/poems/.git/objects/pack/pack-{'2e' * 20}.idx",
        ),
        (
            GIT,
            f"file create {HOME}/recipes/.git/objects/0a/{'1f' * 19} 0444",
            f"file create {HOME}/poems/.git/objects/b1/{'2e' * 19} 0444",
        ),
        (
            TAR,
            f"file read {HOME}/box/2026-11-23/152457432384/letter.txt",
            f"file read {HOME}/inbox/2027-01-02/071501000001/poem.txt",
        ),
        (
            PAINTER,
            f"file write {HOME}/.cache/thumbnails/normal/gimp-thumb-1698-A1B2C3D4",
            f"file write {HOME}/.cache/thumbnails/normal/gimp-thumb-7-Z9Y8X7W6",
        ),
        (
            MAIL,
            'file symlink /tmp/thunderbird-default/lock symlink.target="127.0.0.1:+1687"',
            'file symlink /tmp/thunderbird-default/lock symlink.target="127.0.0.1:+9"',
        ),
        (
            AUDACITY,
            rf"file write {PROJECT}2026-11-23\04015-25-41\040N-1.aup3unsaved-wal",
            rf"file write {PROJECT}2027-01-02\04007-15-01\040N-2.aup3unsaved-wal",
        ),
        (UDEV, f"file read {USB}/usb2/2-1/2-1:1.0/host6/target6:0:0/6:0:0:0/rev",
               f"file read {USB}/usb3/3-4/3-4:1.0/host12/target12:0:0/12:0:0:0/rev"),
        (UDEV, "file chmod /dev/bus/usb/002/002 0664", "file chmod /dev/bus/usb/001/017 0664"),
        *((UDEV, f"file {recorded}", f"file {access}") for recorded, access in ANOTHER_COMPUTER),
        (SCREEN_READER, "network unix stream bind /run/user/1000/at-spi/bus",
                        "network unix stream listen /run/user/1000/at-spi/bus_0"),
        (SCREEN_READER, "network unix stream bind /run/user/1000/at-spi/bus",
                        "file mksock /run/user/1000/at-spi/bus_0 0775"),
        (
            PRINTER,
            "file rename /var/spool/cups/00000000 /var/spool/cups/d00001-001",
            "file rename /var/spool/cups/0000000a /var/spool/cups/d00107-002",
        ),
        (
            SHARE,
            f"file unlink {HOME}/.local/share/keyrings/Kettles.keyring.temp-1034098695",
            f"file unlink {HOME}/.local/share/keyrings/Kettles.keyring.temp-7",
        ),
        (
            PRINTER,
            f'file execute {BACKEND} exec.realpath="{BACKEND}" exec.argv[0]="socket://printer.example"',
            f'file execute {BACKEND} exec.realpath="{BACKEND}" exec.argv[0]="socket://office.example.org:9100"',
        ),
        (SHARE, f"file read {PICTURES}/a.svg", f"file read {PICTURES}/b.svg"),
        (GIT, f"file unlink {HOME}/recipes/.git/tuWRUOY", f"file unlink {HOME}/poems/.git/tX1a9Q2"),
        (GPG, f"file write {HOME}/bob/.#lk0x000055f5.a.15", f"file write {HOME}/eve/.#lk0x000056aa.a.9"),
        (
            GPG,
            f"file mkdir /run/user/1000/gnupg/d.{'nh8g' * 6}/ 0700",
            f"file mkdir /run/user/1000/gnupg/d.{'a1b2' * 6}/ 0700",
        ),
        (
            BROWSER,
            f"file write {HOME}/.cache/mozilla/firefox/a1b2c3d4.default-esr/thumbnails/{'32' * 16}.png.tmp",
            f"file write {HOME}/.cache/mozilla/firefox/d4c3b2a1.default-esr/thumbnails/{'a1' * 16}.png.tmp",
        ),
        (BROWSER, "file create /tmp/PIM9Y3.tmp 0600", "file create /tmp/Abc123.tmp 0600"),
        (BROWSER, "file write /tmp/mozilla-temp-198997807", "file write /tmp/mozilla-temp-7"),
        (
            BROWSER,
            r"file truncate /memfd:cubeb-shm-1677-0\040(deleted)",
            r"file truncate /memfd:cubeb-shm-99-12\040(deleted)",
        ),
        (
            UDEV,
            'file symlink /dev/disk/by-uuid/.#2026-11-23-19-07-24-00bcfb symlink.target="../../sr1"',
            'file symlink /dev/disk/by-uuid/.#2026-12-24-07-15-01-00a1b2 symlink.target="../../sr0"',
        ),
        (
            UDEV,
            "file rename /dev/disk/by-label/.#DISCbcfb /dev/disk/by-label/DISC",
            "file rename /dev/disk/by-uuid/.#AC3D-1F2Ba1 /dev/disk/by-uuid/AC3D-1F2B",
        ),
        (EDITOR, "file write /run/user/1000/dconf/user", "file create /run/user/1000/dconf/user 0600"),
        (
            JOURNAL,
            f"file write /var/log/journal/{'b18f' * 8}/user-1000.journal",
            f"file write /var/log/journal/{'0c2d' * 8}/user-1000.journal",
        ),
        (
            EDITOR,
            f"file read {HOME}/.config/ibus/bus/{'b18f' * 8}-unix-wayland-0",
            f"file read {HOME}/.config/ibus/bus/{'0c2d' * 8}-unix-wayland-0",
        ),
        (
            EDITOR,
            f"file write {HOME}/.local/share/icc/edid-{'37de' * 8}.icc",
            f"file write {HOME}/.local/share/icc/edid-{'0c2d' * 8}.icc",
        ),
        (EDITOR, f"file write {HOME}/.config/x.conf.a1B2c3", f"file write {HOME}/.config/x.conf.abcdef"),
        (EDITOR, f"file write {HOME}/.config/x.conf.abcdef", f"file write {HOME}/.config/x.conf.a1B2c3"),
        (TAR, "file read proc:/sys/vm/overcommit_memory", "file read /sys/devices/system/cpu/possible"),
        (SETTINGS, "network unix stream connect /run/user/1000/bus", "file read /run/user/1000/dconf/user"),
        (
            EDITOR,
            "network unix stream connect /run/user/1000/wayland-0",
            "file read /usr/share/X11/xkb/symbols/inet",
        ),
        (LOGIND, "file ioctl /dev/tty1 0x5602", "file ioctl /dev/tty2 0x5606"),
        (EXECUTOR, f"network unix stream bind {BUS}/bus/(systemd)/system",
         f"network unix stream bind {BUS}/bus/(sd-pam)/system"),
        (UDEV, "file chmod /dev/input/event3 0660", "file chgrp /dev/input/mouse1 104"),
        (SHELL, "file read /sys/devices/a/input2/event1/uevent",
         "file read /sys/devices/b/input7/js0/uevent"),
        (KILL, "file read proc:/77/stat", "file read proc:/tty/drivers"),
        (
            SHELL,
            f"file create {STATE}/session.gvdb 0600",
            f"file rename {STATE}/session.gvdb.abcdef {STATE}/session.gvdb",
        ),
        (
            "<kernel> /usr/bin/nautilus",
            f"file mkdir {HOME}/.cache/thumbnails/normal/ 0700",
            f"file mkdir {HOME}/.cache/thumbnails/fail/gnome-thumbnail-factory/ 0700",
        ),
        *((browser, f"file write {FIREFOX}/a1b2c3d4.default-esr/prefs.js",
           f"file chmod {FIREFOX}/d4c3b2a1.default-esr/storage/default.sqlite 0644")
          for browser in (BROWSER, f"{BASH} /usr/bin/firefox-esr")),
        (BROWSER, "file read proc:/meminfo", "file read proc:/pressure/memory"),
        (WRITER, f"file unlink {HOME}/Documents/lu1761e51u.tmp", f"file create {HOME}/a/b/lu99xyz.tmp 0600"),
        (GPG, f"file write {HOME}/bob/pubring.kbx", f"file write {HOME}/eve/pubring.kbx"),
        (
            GPG,
            f"file rename {HOME}/bob/pubring.kbx.tmp {HOME}/bob/pubring.kbx",
            f"file rename {HOME}/eve/pubring.kbx.tmp {HOME}/eve/pubring.kbx",
        ),
        (GPG, f"file unlink {HOME}/bob/trustdb.gpg.lock", f"file unlink {HOME}/eve/trustdb.gpg.lock"),
        (SETTINGS, "file read /run/user/1000/dconf/user", "network unix stream connect /run/user/1000/bus"),
        (SETTINGS, "file read /run/user/1000/dconf/user", "file write /run/user/1000/dconf/user"),
        (
            BROWSER,
            f"file write {FIREFOX}/a1b2c3d4.default-esr/prefs.js",
            f"file create {FIREFOX}/a1b2c3d4.default-esr/crashes/events/abc 0600",
        ),
        (
            BROWSER,
            f"file write {FIREFOX}/a1b2c3d4.default-esr/prefs.js",
            f"file rmdir {FIREFOX}/a1b2c3d4.default-esr/datareporting/glean/events/",
        ),
        (
            BROWSER,
            f"file write {FIREFOX}/a1b2c3d4.default-esr/prefs.js",
            f"file create {FIREFOX}/a1b2c3d4.default-esr/storage/permanent/chrome/idb/1.files/7 0600",
        ),
        (LOGIND, "file mkfifo /run/systemd/inhibit/3.ref 0600", "file unlink /run/systemd/inhibit/8"),
        (INIT, "file read /usr/lib/systemd/user/basic.target", "file read /usr/lib/systemd/user/exit.target"),
        (EDITOR, f"file read {ICONS}/Adwaita/cursors/hand", f"file read {ICONS}/Adwaita/cursors/text"),
        (
            EDITOR,
            f"file read {ICONS}/Adwaita/symbolic/ui/close.svg",
            f"file read {ICONS}/Adwaita/scalable/places/folder.svg",
        ),
        (
            BROWSER,
            f"file create {FIREFOX}/a1b2c3d4.default-esr/prefs.js 0600",
            f"file create {FIREFOX}/d4c3b2a1.default-esr/addons.json.tmp 0600",
        ),
        (
            BROWSER,
            rf"file read {FIREFOX}/Profile\040Groups/29a7be61.sqlite",
            f"file read {FIREFOX}/d4c3b2a1.default-esr/key4.db",
        ),
        (MAIL, f"file mkdir {PROFILE}/Mail/a/ 0700", f"file mkdir {PROFILE}/datareporting/glean/ 0700"),
        (
            EDITOR,
            "file read /usr/share/locale/en_GB/LC_MESSAGES/gtk40.mo",
            "file read /usr/share/locale/fr/LC_MESSAGES/gtk40.mo",
        ),
    ],
)  # fmt: skip
def test_another_name_is_admitted(learned: Make, domain: str, recorded: str, access: str) -> None:
    assert not covers(parse_rule(recorded), parse_rule(access))
    assert admits(learned, domain, [recorded], access)


@pytest.mark.parametrize(
    ("domain", "recorded", "access"),
    [
        (TAR, f"file read {HOME}/a/.git/config", f"file read {HOME}/b/.git/config"),
        *((UDEV, f"file {recorded}", f"file {access}") for recorded, access in ANOTHER_QUESTION),
        (EDITOR, "network unix stream bind /run/user/1000/at-spi/bus",
                 "network unix stream bind /run/user/1000/at-spi/bus_0"),
        (
            EDITOR,
            f"file write {HOME}/.config/pulse/{'b18f' * 8}/x",
            f"file write {HOME}/.config/pulse/{'0c2d' * 8}/x",
        ),
        (EDITOR, f"file write {HOME}/.config/x.xyz.abcdef", f"file write {HOME}/.config/x.xyz.letter"),
        (EDITOR, "file read proc:/meminfo", "file read proc:/pressure/memory"),
        (
            "<kernel> /usr/bin/setupcon /usr/bin/ckbcomp",
            "file read /usr/share/X11/xkb/symbols/inet",
            "network unix stream connect /run/user/1000/wayland-0",
        ),
        *((TAR, f"file {access} {HOME}/papers/one.txt", f"file {access} {HOME}/bob/{name}")
          for access, name in (
              ("read", "pubring.kbx"), ("write", "trustdb.gpg"), ("write", "gpg-agent.conf"),
              ("read", f"openpgp-revocs.d/{KEY}.rev"), ("unlink", "pubring.kbx~"),
          )),
        (WRITER, f"file unlink {HOME}/Documents/lu1761e51u.tmp", f"file unlink {HOME}/Documents/a.odt"),
        (GPG, f"file unlink {HOME}/bob/trustdb.gpg.lock", f"file unlink {HOME}/papers/one.txt"),
        (
            GPG,
            f"file rename {HOME}/bob/pubring.kbx.tmp {HOME}/bob/pubring.kbx",
            f"file rename {HOME}/papers/one.txt {HOME}/bob/pubring.kbx",
        ),
        (EDITOR, f"file write {FIREFOX}/a/prefs.js", f"file chmod {FIREFOX}/a/prefs.js 0644"),
        (TAR, "file read proc:/77/stat", "file read proc:/tty/drivers"),
        (SHELL, "file read /sys/devices/a/input2/event1/uevent", "file read /dev/input/event1"),
        *((BROWSER, "network inet stream connect 192.0.2.80 443", f"network inet stream connect {here} 443")
          for here in ("127.0.0.1", "127.8.8.8", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1")),
        (BROWSER, "network inet stream connect 192.0.2.80 443", "network inet stream connect 9.9.9.9 22"),
        (BROWSER, "network inet stream connect 127.0.0.1 9050", "network inet stream connect 9.9.9.9 9050"),
        (TOR, "network inet stream connect 127.0.0.1 9001", "network inet stream connect 127.0.0.1 22"),
        (TAR, f"file write {PROFILE}/ImapMail/a.org.msf", f"file write {PROFILE}/ImapMail/b.org.msf"),
        (BROWSER, f"file write {HOME}/Tea.pdf", f"file write {HOME}/.Tea.pdf"),
        (LEAVING, "file rmdir /run/user/1000/dconf/", "file unlink /run/dbus/pid"),
        (BASH, "file mksock /tmp/.X11-unix/X0 0775", "file unlink /tmp/.X1-lock"),
        (
            CLEANER,
            f"file mount /oldroot{HOME}/a.png /newroot{HOME}/a.png --bind 0xC000",
            f"file mount /oldroot{HOME}/.ssh/ /newroot{HOME}/.ssh/ --bind 0xC000",
        ),
        (
            THUMBNAILER,
            f"file mount /oldroot{HOME}/a.pdf /newroot/tmp/gnome-desktop-file-to-thumbnail.pdf --bind 0xC000",
            f"file mount /oldroot{HOME}/a.pdf /newroot{HOME}/a.pdf --bind 0xC000",
        ),
        (GIT, f"file read {HOME}/a/.git/config", f"file read {HOME}/.b/.git/config"),
        (EDITOR, "file write /etc/resolv.conf.G4JHZ3", "file write /etc/resolv.conf.EFPEZ3"),
        (EDITOR, "file read /usr/lib/systemd/user/a.target", "file read /usr/lib/systemd/user/b.target"),
        (TAR, f"file read {HOME}/papers/one.txt", f"file read {HOME}/.ssh/id_ed25519"),
        (TAR, f"file read {HOME}/papers/one.txt", f"file read {HOME}/bob/private-keys-v1.d/{KEY}.key"),
        (
            GPG,
            f"file read {HOME}/bob/private-keys-v1.d/{KEY}.key",
            f"file read {HOME}/bob/private-keys-v1.d/x",
        ),
        (EDITOR, "file write /tmp/8b29b7b5-e7e6-4b6a-a7c1-0e5b2e8ba8bd", "file write /tmp/letter"),
        (EDITOR, f"file write {HOME}/.aB3dE9", f"file write {HOME}/.bashrc"),
        (TAR, f"file read {HOME}/papers/one.txt", f"file read {HOME}/.profile"),
        (TAR, f"file read {HOME}/papers/one.txt", f"file read {HOME}/papers/.hidden/a"),
        (TAR, f"file read {HOME}/one.txt", "file read /home/bob/one.txt"),
        (TAR, f"file read {HOME}/one.txt", f"file read /run/live/overlay/rw{HOME}/one.txt"),
        (TAR, f"file read {HOME}/one.txt", f"file write {HOME}/one.txt"),
        (TAR, f"file write {HOME}/one.txt", f"file append {HOME}/.profile"),
        (BASH, f"file execute {HOME}/tool", f"file execute {HOME}/other"),
        (BROWSER, f"file read {HOME}/welcome.html", f"file read {HOME}/diary.txt"),
        (BROWSER, f"file read {HOME}/welcome.html", f"file read {HOME}/.a.html"),
        (BROWSER, f"file read {HOME}/letter.odt", f"file read {HOME}/diary.odt"),
        (BROWSER, f"file write {HOME}/Downloads/song.ogg", f"file write {HOME}/diary.odt"),
        (TAR, f"file read {HOME}/.ssh/id_ed25519", f"file read {HOME}/.ssh/id_work"),
        (EDITOR, f"file read {ICONS}/Adwaita/index.theme", f"file read {ICONS}/Adwaita/a/b.svg"),
        (EDITOR, f"file read {ICONS}/Adwaita/ui/a.svg", f"file read {ICONS}/HighContrast/ui/a.svg"),
        (EDITOR, f"file read {ICONS}/Adwaita/cursors/hand", f"file read {ICONS}/Adwaita/ui/a.svg"),
        (BROWSER, f"file write {FIREFOX}/a/b", f"file write {HOME}/.config/autostart/b"),
        (BROWSER, f"file read {FIREFOX}/a/b", f"file write {FIREFOX}/a/b"),
        (BROWSER, f"file read {FIREFOX}/a/b", f"file read {PROFILE}/key4.db"),
        (
            EDITOR,
            f"file read {FIREFOX}/a1b2c3d4.default-esr/prefs.js",
            f"file read {FIREFOX}/a1b2c3d4.default-esr/key4.db",
        ),
        (
            EDITOR,
            "file read /usr/share/locale/fr/LC_MESSAGES/gtk40.mo",
            "file read /usr/share/locale/fr/LC_MESSAGES/gimp.mo",
        ),
    ],
)  # fmt: skip
def test_what_was_not_asked_for_is_not(learned: Make, domain: str, recorded: str, access: str) -> None:
    assert not admits(learned, domain, [recorded], access)
