@console-ready
Feature: Shutting the computer down

  Scenario: Press the power button
    When I press the power button
    Then the computer switches itself off
