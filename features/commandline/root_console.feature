@logged-in @task:commandline/root-terminal
Feature: Working as administrator on a text console

  Scenario: Look around as administrator
    Given an administration password is set
    When I run "sh -c 'id -un'" as administrator
    Then the output says "root"
    When I run "sh -c 'ls /root'" as administrator
