@desktop-ready
Feature: Files

  Scenario: Make a folder
    When I open "Files" from the overview
    And I press "ctrl-shift-n"
    Then I see "Folder Name"
    When I type "Minutes" into "Folder Name"
    And I press "enter"
    Then I see "Minutes"
    And the folder "~/Minutes" exists
