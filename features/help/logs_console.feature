@console-ready @task:help/logs
Feature: Logs on a text console

  Scenario: Collect what the system has logged
    Given an administration password is set
    And I am logged in on the text console
    When I run "journalctl --boot --no-pager > /home/amnesia/log.txt" in an administrator's shell
    Then the file "~/log.txt" contains "Linux version"
