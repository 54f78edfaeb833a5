@desktop-ready @core @task:documents/text
Feature: Plain text

  Scenario: Write a text and save it
    When I open "Text Editor" from the menu "Favorites"
    And I write "Remember the milk"
    And I press "ctrl-s"
    Then I see "Save a File"
    When I type "shopping"
    And I press "Return"
    Then the file "~/shopping.txt" says "Remember the milk"

  Scenario: Open a text by the editor's own dialog
    Given the file "~/Documents/recipe.txt" that says "Boil some water"
    When I open "Text Editor" from the menu "Favorites"
    And I press "ctrl-o"
    Then I see "Pick Files"
    When I press "ctrl-l"
    And I type "/home/amnesia/Documents/recipe.txt"
    And I press "Return"
    Then I see "recipe.txt"
    When I click "Open"
    Then I see "Boil some water"
