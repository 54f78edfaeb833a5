@logged-in @task:help/logs
Feature: Logs on a text console

  Scenario: Collect what the system has logged
    Given an administration password is set
    When I run "sh -c 'journalctl --boot --no-pager > /home/amnesia/log.txt'" as administrator
    Then the file "~/log.txt" says "Linux version"
