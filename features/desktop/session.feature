@desktop-ready
Feature: The session

  @task:desktop/screenshot
  Scenario: Take a picture of the screen
    When I press "shift-print"
    Then the folder "~/Pictures/Screenshots" has a PNG picture

  @task:desktop/lock
  Scenario: Lock the screen and unlock it
    When I press "super-l"
    Then I see "Apps" no more
    When I press "Return"
    Then I see "Password"
    When I type the secret "amnesia"
    And I press "Return"
    Then I see "Apps"
