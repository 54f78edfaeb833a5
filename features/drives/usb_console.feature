@logged-in
Feature: USB sticks on a text console

  Background:
    Given an administration password is set

  @task:drives/usb
  Scenario: Read a file from a USB stick and take the stick away
    When I plug in a USB stick with the file "notes.txt" that says "The kettle is on"
    And I run "lsblk --noheadings --output LABEL /dev/sda"
    Then the output says "STICK"
    When I run "mount /dev/sda /mnt" as administrator
    And I run "cat /mnt/notes.txt"
    Then the output says "The kettle is on"
    When I run "umount /mnt" as administrator
    And I pull the USB stick out
    Then the drive "/dev/sda" is gone

  @task:drives/pulled
  Scenario: Pull a USB stick that is in use
    When I plug in a USB stick with the file "notes.txt" that says "The kettle is on"
    And I run "mount /dev/sda /mnt" as administrator
    And I pull the USB stick out
    Then the drive "/dev/sda" is gone
    When I try "sync && cat /mnt/notes.txt"
    And I run "umount --lazy /mnt" as administrator
    And I run "echo 'still here'"
    Then the output says "still here"

  @task:drives/broken
  Scenario: A USB stick that cannot be read
    When I plug in an unreadable USB stick
    And I try "mount /dev/sda /mnt" as administrator
    Then it is refused
    And the output says "superblock"
    And the drive "/dev/sda" is not in use

  @task:media/write-image
  Scenario: Write an image to a USB stick
    Given the file "~/system.img" that says "The kettle is on"
    When I plug in an empty USB stick
    And I run "dd if=system.img of=/dev/sda conv=fsync" as administrator
    Then the USB stick says "The kettle is on"
