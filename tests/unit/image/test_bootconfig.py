from __future__ import annotations

import pytest

from harness.image.bootconfig import BootEntry, default_entry

# The shape of a Tails disc: a menu program as the default, the entries in included files.
TAILS = {
    "/isolinux/isolinux.cfg": "include menu.cfg\ndefault vesamenu.c32\nprompt 0\ntimeout 40\n",
    "/isolinux/menu.cfg": "menu hshift 13\nmenu title Boot menu\ninclude stdmenu.cfg\ninclude live.cfg\n",
    "/isolinux/stdmenu.cfg": "menu background splash.png\nmenu color title * #FFFFFFFF *\n",
    "/isolinux/live.cfg": (
        "label live\n\tmenu label Tails\n\tkernel /live/vmlinuz\n"
        "\tappend initrd=/live/initrd.img boot=live config live-media=removable nopersistence splash\n\n"
        "label livefailsafe\n\tmenu label Tails (Troubleshooting Mode)\n\tkernel /live/vmlinuz\n"
        "\tappend initrd=/live/initrd.img boot=live config nomodeset\n"
    ),
}
GRUB = """\
set default=0
if [ x$feature = xy ] ; then
  set font="unicode"
fi
# menuentry 'commented' { }
menuentry 'Live system' --hotkey=l {
	search --no-floppy --set=root --file /live/vmlinuz
	linux ($root)/live/vmlinuz boot=live components "quiet" findiso=${iso_path} ---
	initrd /live/microcode.img /live/initrd.img
}
menuentry 'Fail-safe' --id safe {
	linux /live/vmlinuz boot=live nomodeset
	initrd /live/initrd.img
}
"""


def entry_of(files: dict[str, str]) -> BootEntry | None:
    return default_entry(files.get)


def test_isolinux_with_includes_as_tails_has_it() -> None:
    entry = entry_of(TAILS)
    assert entry == BootEntry(
        label="live",
        kernel="/live/vmlinuz",
        initrds=("/live/initrd.img",),
        command_line="boot=live config live-media=removable nopersistence splash",
        source="/isolinux/isolinux.cfg",
    )


@pytest.mark.parametrize(
    ("head", "label"),
    [
        ("", "a"),
        ("default b\n", "b"),
        ("DEFAULT B\n", "b"),
        ("default menu.c32\n", "a"),
        ("default nothing\n", "a"),
    ],
)
def test_isolinux_default(head: str, label: str) -> None:
    text = f"{head}label a\nkernel /k\nappend initrd=/a\nlabel b\nlinux /k\ninitrd /b\n"
    entry = entry_of({"/isolinux/isolinux.cfg": text})
    assert entry is not None
    assert (entry.label, entry.initrds) == (label, (f"/{label}",))


def test_menu_default_beats_default() -> None:
    text = "default a\nlabel a\nkernel /k\nlabel b\nmenu default\nkernel /k\nappend x\n"
    entry = entry_of({"/isolinux/isolinux.cfg": text})
    assert entry is not None
    assert entry.label == "b"


def test_labels_without_a_kernel_are_no_entries() -> None:
    text = "label disk\nlocalboot 0x80\nlabel live\nkernel vmlinuz\nappend initrd=initrd.gz,/more quiet\n"
    entry = entry_of({"/isolinux/isolinux.cfg": text})
    assert entry is not None
    assert entry.kernel == "/isolinux/vmlinuz"
    assert entry.initrds == ("/isolinux/initrd.gz", "/more")


def test_append_of_the_whole_file_and_none() -> None:
    text = "append common\nlabel a\nkernel /k\nlabel b\nkernel /k\nappend -\n"
    first = entry_of({"/isolinux/isolinux.cfg": text})
    second = entry_of({"/isolinux/isolinux.cfg": f"default b\n{text}"})
    assert first is not None
    assert second is not None
    assert (first.command_line, second.command_line) == ("common", "")


def test_includes_that_include_each_other_end() -> None:
    files = {
        "/isolinux/isolinux.cfg": "include a.cfg\n",
        "/isolinux/a.cfg": "include isolinux.cfg\nlabel x\nkernel /k\n",
    }
    entry = entry_of(files)
    assert entry is not None
    assert entry.label == "x"


def test_grub() -> None:
    assert entry_of({"/boot/grub/grub.cfg": GRUB}) == BootEntry(
        label="Live system",
        kernel="/live/vmlinuz",
        initrds=("/live/microcode.img", "/live/initrd.img"),
        command_line="boot=live components quiet",
        source="/boot/grub/grub.cfg",
    )


@pytest.mark.parametrize("default", ["1", "Fail-safe", '"Fail-safe"'])
def test_grub_default(default: str) -> None:
    entry = entry_of({"/boot/grub/grub.cfg": GRUB.replace("default=0", f"default={default}")})
    assert entry is not None
    assert entry.label == "Fail-safe"


def test_grub_default_in_a_variable_is_the_first() -> None:
    entry = entry_of({"/boot/grub/grub.cfg": GRUB.replace("default=0", "default=${saved_entry}")})
    assert entry is not None
    assert entry.label == "Live system"


def test_grub_follows_source() -> None:
    files = {"/EFI/debian/grub.cfg": "source ($root)/boot/grub/live.cfg\n", "/boot/grub/live.cfg": GRUB}
    entry = entry_of(files)
    assert entry is not None
    assert entry.source == "/boot/grub/live.cfg"


def test_isolinux_is_asked_before_grub() -> None:
    entry = entry_of({**TAILS, "/boot/grub/grub.cfg": GRUB})
    assert entry is not None
    assert entry.source == "/isolinux/isolinux.cfg"


def test_nothing_bootable() -> None:
    assert entry_of({}) is None
    assert (
        entry_of({"/isolinux/isolinux.cfg": "label x\n", "/boot/grub/grub.cfg": "menuentry 'x' {\n}\n"})
        is None
    )
