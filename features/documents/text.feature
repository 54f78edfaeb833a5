@desktop-ready
Feature: Plain text

  Scenario: Write a text and save it
    When I open "Text Editor" from the overview
    And I type the text "Remember the milk"
    And I press "ctrl-s"
    Then I see "Save"
    When I type "shopping.txt" as the file's name
    And I press "enter"
    Then the file "~/shopping.txt" contains "Remember the milk" soon
