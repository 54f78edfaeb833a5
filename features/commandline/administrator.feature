@logged-in
Feature: The administrator's rights

  @task:commandline/sudo-refused
  Scenario: Without an administration password sudo is refused
    When I try "id -un" as administrator
    Then it is refused
    And the output says "not in the sudoers file"

  @task:commandline/root-terminal
  Scenario: With an administration password a command runs as root
    Given an administration password is set
    When I run "id -un" as administrator
    Then the output says "root"
