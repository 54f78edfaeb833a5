@logged-in @task:drives/disc
Feature: Optical discs on a text console

  Scenario: Read a file from a disc
    Given an administration password is set
    When I put in a disc with the file "song.txt" that says "short and stout"
    And I run "mount -o ro /dev/disk/by-label/DISC /mnt" as administrator
    And I run "cat /mnt/song.txt"
    Then the output says "short and stout"
