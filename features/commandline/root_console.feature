@console-ready @task:commandline/root-terminal
Feature: Working as administrator on a text console

  Scenario: Look around as administrator
    Given an administration password is set
    And I am logged in on the text console
    When I run "id -un" in an administrator's shell
    Then the output says "root"
    When I run "ls /root" in an administrator's shell
