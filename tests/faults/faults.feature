@console-ready
Feature: What goes wrong in the middle of a scenario
  Each of these fails, and the last one passes: a fault costs one scenario and no more.

  Scenario: QEMU is killed
    Given I am logged in on the text console
    When QEMU is killed
    And I run "id"

  Scenario: The kernel panics
    Given I am logged in on the text console
    When the kernel panics
    And I run "id"

  Scenario: The agent goes away
    Given I am logged in on the text console
    When the guest agent is stopped
    And I run "id"

  Scenario: The learning quota is exceeded
    Given the learning quota is 5 entries
    And I am logged in on the text console
    When I run "ls"

  Scenario: Audit records are lost
    Given the kernel keeps 2 audit records
    And I am logged in on the text console
    When I run "ls"

  Scenario: The guest's disk is full
    Given the guest's disk is full
    And I am logged in on the text console

  Scenario: A command that fails
    Given I am logged in on the text console
    When I run "false"

  Scenario: A sentence out of reach
    Given I am logged in on the text console
    When I say what another file's steps say

  Scenario: All is well
    Given I am logged in on the text console
    When I run "id"
    Then the output says "amnesia"
