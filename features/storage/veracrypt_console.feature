@logged-in @task:drives/veracrypt
Feature: VeraCrypt volumes on a text console

  Scenario: Read a file in a VeraCrypt volume
    Given an administration password is set
    When I plug in a USB stick with a VeraCrypt volume that "kettle" opens, in it the file "note.txt" that says "hidden away"
    And I run "sh -c 'echo -n kettle | cryptsetup open --type tcrypt --veracrypt --hash sha512 /dev/sda secret'" as administrator
    And I run "mount /dev/mapper/secret /mnt" as administrator
    And I run "cat /mnt/note.txt"
    Then the output says "hidden away"
    And the USB stick does not say "hidden away"
