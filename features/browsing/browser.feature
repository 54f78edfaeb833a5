@desktop-ready @core @task:browsing/local-page
Feature: The web browser
  A program that is opened from its icon runs in another domain than the same program opened from a terminal.

  Background:
    Given the web page "~/welcome.html" that says "The kettle is on"

  Scenario: Open the browser from its icon and read a page
    When I open "Firefox" from the menu "Favorites"
    And I go to the address "file:///home/amnesia/welcome.html"
    Then I see "The kettle is on"

  Scenario: Open the browser from a terminal and read a page
    When I open "Console" from the menu "Favorites"
    And I type the command "firefox-esr welcome.html"
    Then I see "The kettle is on"
