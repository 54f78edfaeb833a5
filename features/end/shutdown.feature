@console-ready @core @task:end/shut-down
Feature: Shutting the computer down
  The last policy and its audit leave the machine when everything else in it is gone.

  Scenario: Press the power button
    When I press the power button
    Then the computer switches itself off
