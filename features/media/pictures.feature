@desktop-ready @task:media/view-picture
Feature: Looking at pictures

  Background:
    Given the picture "~/Pictures/postcard.png" that says "Sea view"

  Scenario: Open a picture from the file manager
    When I open "Files" from the menu "Favorites"
    And I open the folder "Pictures"
    And I open the file "postcard.png"
    Then I see "Sea view"

  Scenario: Open a picture from a terminal
    When I open "Console" from the menu "Favorites"
    And I type the command "loupe Pictures/postcard.png"
    Then I see "Sea view"
