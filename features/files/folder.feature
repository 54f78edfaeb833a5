@desktop-ready @core @task:files/folder
Feature: Files

  Scenario: Make a folder
    When I open "Files" from the menu "Favorites"
    Then I see "Templates"
    When I press "ctrl-shift-n"
    Then I see "Folder Name"
    When I type "Minutes"
    And I press "Return"
    Then the folder "~/Minutes" exists
    And I see "Minutes"
