@console-ready @task:start/console-login
Feature: A text screen
  The console behind the desktop, with keys and eyes instead of a serial line.

  Scenario: Log in on a text screen and run a command
    When I log in on the text screen
    And I type the command "date -u -d @0 +%A"
    Then I see "Thursday"
