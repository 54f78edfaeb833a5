@desktop-ready @task:media/play
Feature: Films

  Scenario: Watch a film
    Given the film "~/Videos/kettle.avi" that says "The kettle is on"
    When I open "Console" from the menu "Favorites"
    And I type the command "totem Videos/kettle.avi"
    Then I see "The kettle is on"
