@desktop-ready @slow @task:desktop/menu
Feature: The programs of the menu
  Each comes up, shows itself and goes.

  Scenario Outline: Open <program> from the menu
    When I open "<program>" from the menu "<category>"
    Then I see "<text>"
    When I press "alt-F4"
    Then I see "<text>" no more

    Examples:
      | program        | category  | text        |
      | Calculator     | Utilities | Basic       |
      | Disks          | Utilities | Disks       |
      | Inkscape       | Graphics  | Quick Setup |
      | Onion Circuits | Internet  | Circuit     |
