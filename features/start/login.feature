@console-ready @core @task:start/console-login
Feature: Logging in on a text console

  Scenario: Log in and look around
    When I log in on the text console
    And I run "id -un"
    Then the output is "amnesia"
    When I run "ls -la"
    And I log out of the text console
    Then the text console asks for a login
