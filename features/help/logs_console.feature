@console-ready @task:help/logs
Feature: Logs on a text console

  Scenario: Collect what the system has logged
    Given I may administer the computer
    And I am logged in on the text console
    When I run "sh -c 'journalctl --boot --no-pager > /home/amnesia/log.txt'" as administrator
    Then the file "~/log.txt" contains "Linux version"
