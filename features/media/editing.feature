@desktop-ready @slow @task:media/edit-picture
Feature: Changing pictures

  Scenario: Change a picture in GIMP and export it
    Given the picture "~/Pictures/postcard.png" that says "Sea view"
    When I open "Console" from the menu "Favorites"
    And I type the command "gimp --no-splash Pictures/postcard.png"
    Then I see "You installed GIMP" in the end
    When I click "Close"
    Then I see "Sea view"
    When I press "ctrl-a"
    And I press "Delete"
    Then I see "Sea view" no more
    When I press "ctrl-shift-e"
    Then I see "Export Image"
    When I type "empty"
    And I press "Return"
    Then I see "Compression level"
    When I press "Return"
    Then the picture "~/Pictures/empty.png" exists
