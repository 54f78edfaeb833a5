@desktop-ready @slow @task:mail/feed
Feature: Feeds
  Thunderbird asks for an address first; two fields before that one is the button that puts the question aside.

  Scenario: Subscribe to a feed and read it
    Given a web site "news.example" with the feed "/tea.xml" that says "The kettle is on"
    When I open "Console" from the menu "Favorites"
    And I type the command "thunderbird feed:http://news.example/tea.xml"
    Then I see "Add your email address" in the end
    When I press "shift-Tab"
    And I press "shift-Tab"
    And I press "Return"
    And I click "news.example"
    Then I see "The kettle is on"
