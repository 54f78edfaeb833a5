@power-off @core @task:start/boot
Feature: Starting the computer
  Everything between the power button and the moment at which a person can begin to work.

  Scenario: The system starts and waits for its user
    When the computer is switched on
    Then the system is ready for its user
