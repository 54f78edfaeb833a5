@console-ready
Feature: Shutting the computer down
  The last policy and its audit leave the machine when everything else in it is gone.

  @no-desktop @task:end/shut-down
  Scenario: Press the power button
    When I press the power button
    Then the computer switches itself off

  @core @task:end/shut-down
  Scenario: Shut down by a command
    Given an administration password is set
    And I am logged in on the text console
    When I end the computer's work by "systemctl poweroff" as administrator
    Then the computer switches itself off

  @task:end/restart
  Scenario: Restart by a command
    The machine does not start again here: starting is a task of its own.

    Given an administration password is set
    And I am logged in on the text console
    When I end the computer's work by "systemctl reboot" as administrator
    Then the computer restarts
