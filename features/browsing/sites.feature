@desktop-ready
Feature: Sites of the web

  Background:
    Given a web site "kettle.example" that says "The kettle is on"

  @task:browsing/https @task:browsing/page
  Scenario: Open a page over https
    When I open "Firefox" from the menu "Favorites"
    And I go to the address "https://kettle.example/"
    Then I see "The kettle is on"

  @task:browsing/bookmark
  Scenario: Keep a page's address
    When I open "Firefox" from the menu "Favorites"
    And I go to the address "https://kettle.example/"
    Then I see "The kettle is on"
    When I press "ctrl-d"
    Then I see "Bookmark"
    When I type "My kettle"
    And I press "Return"
    And I press "ctrl-b"
    Then I see "Bookmarks Menu"
