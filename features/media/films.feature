@desktop-ready @task:media/play
Feature: Films

  Background:
    Given the film "~/Videos/kettle.avi" that says "The kettle is on"

  Scenario: Watch a film
    When I open "Console" from the menu "Favorites"
    And I type the command "totem Videos/kettle.avi"
    Then I see "The kettle is on"

  Scenario: Watch a film from the file manager
    When I open "Files" from the menu "Favorites"
    And I open the folder "Videos"
    And I open the file "kettle.avi"
    Then I see "The kettle is on"
