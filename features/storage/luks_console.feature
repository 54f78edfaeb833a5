@logged-in
Feature: Encrypted volumes on a text console

  Background:
    Given an administration password is set
    And I plug in an empty USB stick

  @task:storage/luks-create @task:storage/luks-open
  Scenario: Make an encrypted volume on a USB stick and use it
    When I run "echo -n kettle > passphrase"
    And I run "cryptsetup luksFormat --batch-mode --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-file passphrase /dev/sda" as administrator
    And I run "cryptsetup open --key-file passphrase /dev/sda secret" as administrator
    And I run "mkfs.ext4 -q /dev/mapper/secret" as administrator
    And I run "mount /dev/mapper/secret /mnt" as administrator
    And I run "sh -c 'echo hidden away > /mnt/note'" as administrator
    And I run "umount /mnt" as administrator
    And I run "cryptsetup close secret" as administrator
    Then the USB stick has a LUKS volume on it
    And the USB stick does not say "hidden away"
    When I run "cryptsetup open --key-file passphrase /dev/sda again" as administrator
    And I run "mount /dev/mapper/again /mnt" as administrator
    And I run "cat /mnt/note"
    Then the output says "hidden away"

  @task:storage/passphrase
  Scenario: Change a volume's passphrase
    When I run "echo -n kettle > old && echo -n teapot > new"
    And I run "cryptsetup luksFormat --batch-mode --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-file old /dev/sda" as administrator
    And I run "cryptsetup luksChangeKey --batch-mode --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-file old /dev/sda new" as administrator
    And I try "cryptsetup open --test-passphrase --key-file old /dev/sda" as administrator
    Then it is refused
    When I run "cryptsetup open --test-passphrase --key-file new /dev/sda" as administrator
    Then the USB stick has a LUKS volume on it
