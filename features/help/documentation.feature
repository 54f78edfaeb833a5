@desktop-ready @task:help/documentation
Feature: The desktop's documentation

  Scenario: Read about a subject in the help
    When I open "Help" from the menu "Utilities"
    And I click "Start applications"
    Then I see "Quickly running a command"
