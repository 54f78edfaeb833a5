@console-ready @tolerates-audit-lost @task:end/shut-down
Feature: Shutting the computer down
  The last policy leaves the machine when everything else is gone; the audit of that moment does not.

  Scenario: Press the power button
    When I press the power button
    Then the computer switches itself off
