@logged-in @refused @twin:commandline-root-console.look-around-as-administrator
Feature: What an administrator's shell must not do
  It belongs to root, so that no file's mode stands in the way, and does all of it itself, so that no
  other program has to be started first.

  Background:
    Given an administration password is set

  @task:refused/foreign-files
  Scenario: Read the shadow file
    When I try "sh -c 'read line < /etc/shadow'" as administrator
    Then TOMOYO refuses "file read /etc/shadow" to "/usr/bin/sudo /usr/bin/sh"

  @task:refused/foreign-files
  Scenario: Read the shadow file by the read-only layer's name
    When I try "sh -c 'read line < /run/live/rootfs/filesystem.squashfs/etc/shadow'" as administrator
    Then TOMOYO refuses "file read /run/live/rootfs/filesystem.squashfs/etc/shadow" to "/usr/bin/sudo /usr/bin/sh"

  @task:refused/foreign-files
  Scenario: Read another user's file by the writable layer's name
    The other user's file has been written since the system started, so it is there on any image.
    Given the file "/home/bob/diary.txt" of another user that says "Nobody shall know."
    When I try "sh -c 'read line < /run/live/overlay/rw/home/bob/diary.txt'" as administrator
    Then TOMOYO refuses "file read /run/live/overlay/rw/home/bob/diary.txt" to "/usr/bin/sudo /usr/bin/sh"

  @task:refused/system-files
  Scenario: Change the list of users
    When I try "sh -c ': >> /etc/passwd'" as administrator
    Then TOMOYO refuses "file append /etc/passwd" to "/usr/bin/sudo /usr/bin/sh"

  @task:refused/system-files
  Scenario: Lay a library into every program by the writable layer's name
    No image has this file: it would shadow what the image has.
    When I try "sh -c ': >> /run/live/overlay/rw/etc/ld.so.preload'" as administrator
    Then TOMOYO refuses "file create /run/live/overlay/rw/etc/ld.so.preload 0-0777" to "/usr/bin/sudo /usr/bin/sh"

  @task:refused/system-files
  Scenario: Give others an administrator's rights
    When I try "sh -c ': >> /etc/sudoers.d/everybody'" as administrator
    Then TOMOYO refuses "file create /etc/sudoers.d/everybody 0-0777" to "/usr/bin/sudo /usr/bin/sh"

  @task:refused/kernel
  Scenario: Choose what the kernel starts for a missing module
    When I try "sh -c ': >> /proc/sys/kernel/modprobe'" as administrator
    Then TOMOYO refuses "file append proc:/sys/kernel/modprobe" to "/usr/bin/sudo /usr/bin/sh"

  @task:refused/kernel
  Scenario: Read the kernel's memory
    When I try "sh -c ': < /proc/kcore'" as administrator
    Then TOMOYO refuses "file read proc:/kcore" to "/usr/bin/sudo /usr/bin/sh"

  @task:refused/trace
  Scenario: Read another program's memory
    When I try "sh -c ': < /proc/1/mem'" as administrator
    Then TOMOYO refuses "file read proc:/1/mem" to "/usr/bin/sudo /usr/bin/sh"

  @task:refused/system-files
  Scenario: Write into the policy
    When I try "sh -c ': >> /sys/kernel/security/tomoyo/domain_policy'" as administrator
    Then TOMOYO refuses "file append securityfs:/tomoyo/domain_policy" to "/usr/bin/sudo /usr/bin/sh"

  @task:refused/system-files
  Scenario: Take the audit away
    When I try "sh -c ': < /sys/kernel/security/tomoyo/audit'" as administrator
    Then TOMOYO refuses "file read securityfs:/tomoyo/audit" to "/usr/bin/sudo /usr/bin/sh"

  @task:refused/kernel
  Scenario: Read a disk past its file system
    When I try "sh -c ': < /dev/sr0'" as administrator
    Then TOMOYO refuses "file read /dev/sr0" to "/usr/bin/sudo /usr/bin/sh"

  @task:refused/kernel
  Scenario: Load a kernel module
    Refused where it begins: no task has started modprobe from this shell.
    When I try "sh -c 'modprobe dummy'" as administrator
    Then TOMOYO refuses "file execute /usr/sbin/modprobe" to "/usr/bin/sudo /usr/bin/sh"
