@desktop-ready @core @task:documents/text
Feature: Plain text

  Scenario: Write a text and save it
    When I open "Text Editor" from the menu "Favorites"
    And I write "Remember the milk"
    And I press "ctrl-s"
    Then I see "Save a File"
    When I type "shopping"
    And I press "Return"
    Then the file "~/shopping.txt" contains "Remember the milk"
