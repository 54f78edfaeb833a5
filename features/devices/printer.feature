@desktop-ready @task:devices/printer
Feature: A printer in the network

  Background:
    Given a network printer "printer.example"
    And an administration password is set
    And I am logged in on the text console
    When I run "lpadmin -p office -E -v socket://printer.example -m raw" as administrator

  Scenario: Print a text on paper from a text console
    Given the file "~/letter.txt" that says "Dear Alice"
    When I run "lp -d office letter.txt"
    Then the printer "printer.example" prints "Dear Alice"

  Scenario: Print a text on paper from its window
    Given the file "~/Documents/recipe.txt" that says "Boil some water"
    When I open "Files" from the menu "Favorites"
    And I open the folder "Documents"
    And I open the file "recipe.txt"
    Then I see "Boil some water"
    When I press "ctrl-p"
    Then I see "office"
    When I click "office"
    And I press "alt-p"
    Then the printer "printer.example" prints "Boil some water"
