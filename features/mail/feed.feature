@desktop-ready @slow @task:mail/feed
Feature: Feeds

  Scenario: Subscribe to a feed and read it
    Given a web site "news.example" with the feed "/tea.xml" that tells "The kettle is on"
    When I open "Console" from the menu "Favorites"
    And I type the command "thunderbird feed:http://news.example/tea.xml"
    Then I see "Add your email address" in the end
    When I press "Escape"
    And I click "Feeds"
    And I click "news.example"
    Then I see "The kettle is on"
