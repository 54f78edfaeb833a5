@desktop-ready
Feature: The session

  @task:desktop/screenshot
  Scenario: Take a picture of the screen
    When I press "shift-print"
    Then the folder "~/Pictures/Screenshots" has a picture

  @task:desktop/lock
  Scenario: Lock the screen and unlock it
    When I press "super-l"
    Then I see "Apps" no more
    When I press "Return"
    Then I see "Password"
    When I type the secret "amnesia"
    And I press "Return"
    Then I see "Apps"

  @task:desktop/windows
  Scenario: Switch between two windows
    When I open "Console" from the menu "Favorites"
    And I type the command "uname -o"
    Then I see "GNU/Linux"
    When I open "Text Editor" from the menu "Favorites"
    And I write "Remember the milk"
    And I press "alt-Tab"
    And I type the command "exit"
    Then I see "GNU/Linux" no more
    And I see "Remember the milk"

  @task:desktop/settings
  Scenario: Change a setting
    When I open "Settings" from the overview
    And I click "Notifications"
    And I click "Do Not Disturb"
    And I press "alt-F4"
    And I open "Console" from the menu "Favorites"
    And I type the command "gsettings get org.gnome.desktop.notifications show-banners"
    Then I see "false"

  @task:desktop/notification
  Scenario: Read the notification about a picture of the screen
    When I press "shift-print"
    Then I see "Screenshot captured"
