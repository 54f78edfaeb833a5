@desktop-ready
Feature: Drives in Files

  Background:
    When I open "Files" from the menu "Favorites"

  @task:drives/usb
  Scenario: Read a file from a USB stick and take the stick away
    When I plug in a USB stick with the file "notes.txt" that says "The kettle is on"
    And I click "STICK"
    And I open the file "notes.txt"
    Then I see "The kettle is on"
    When I press "ctrl-q"
    Then I see "The kettle is on" no more
    When I click the icon "eject"
    Then the drive "/dev/sda" is not in use
    When I pull the USB stick out
    Then the drive "/dev/sda" is gone

  @task:drives/usb @task:storage/luks-open
  Scenario: Read a file from an encrypted USB stick
    When I plug in a USB stick with a LUKS volume that "kettle" opens, in it the file "notes.txt" that says "hidden away"
    # The sidebar is too narrow for its name: "69 M… pted".
    And I click "pted"
    Then I see "Password"
    When I type the secret "kettle"
    And I press "Return"
    Then I see "notes.txt"
    When I open the file "notes.txt"
    Then I see "hidden away"
