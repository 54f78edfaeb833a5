@desktop-ready @task:help/documentation
Feature: The desktop's documentation

  Scenario: Read about a subject in the help
    When I open "Help" from the menu "Utilities"
    Then I see "Getting started"
    When I click "Getting started"
    Then I see "Launch"
