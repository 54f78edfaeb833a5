@desktop-ready @slow @task:desktop/menu
Feature: The programs of the menu
  Each comes up, shows itself and goes.

  Scenario: Work out a sum in the calculator
    When I open "Calculator" from the menu "Utilities"
    Then I see "Basic"
    When I type "1234+4321"
    And I press "Return"
    Then I see "5555"

  Scenario Outline: Open <program> from the menu
    When I open "<program>" from the menu "<category>"
    Then I see "<text>"
    When I press "alt-F4"
    Then I see "<text>" no more

    Examples:
      | program        | category  | text        |
      | Disks          | Utilities | Disks       |
      | Inkscape       | Graphics  | Quick Setup |
      | Onion Circuits | Internet  | Circuit     |
