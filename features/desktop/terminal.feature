@desktop-ready @core @task:desktop/terminal
Feature: Terminal

  Scenario: Open a terminal and run a command
    When I open "Console" from the overview
    And I type the command "uname -o"
    Then I see "GNU/Linux"
