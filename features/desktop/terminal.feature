@desktop-ready @task:desktop/terminal
Feature: The terminal

  @core
  Scenario: Open a terminal and run a command
    When I open "Console" from the menu "Favorites"
    And I type the command "uname -o"
    Then I see "GNU/Linux"

  Scenario: Find the terminal by its name and run a command
    When I open "Console" from the overview
    And I type the command "uname -o"
    Then I see "GNU/Linux"
