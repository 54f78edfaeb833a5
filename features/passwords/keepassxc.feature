@desktop-ready
Feature: KeePassXC

  Scenario: Create a password database
    When I open "KeePassXC" from the overview
    And I click "Create Database"
    And I click "Continue"
