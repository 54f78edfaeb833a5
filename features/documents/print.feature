@desktop-ready @task:documents/print
Feature: Printing into a file

  Scenario: Print a text into a PDF document
    Given the file "~/Documents/recipe.txt" that says "Boil some water"
    When I open "Console" from the menu "Favorites"
    And I type the command "gnome-text-editor Documents/recipe.txt"
    Then I see "Boil some water"
    When I press "ctrl-p"
    Then I see "Print to File"
    When I click "Print to File"
    And I press "alt-p"
    Then the folder "~/Documents" has a PDF document that says "Boil some water"
