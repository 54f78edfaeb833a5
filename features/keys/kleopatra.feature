@desktop-ready @core @task:keys/make @task:keys/graphical
Feature: Kleopatra

  Scenario: Make a key pair
    When I open "Kleopatra" from the menu "Favorites"
    And I click "New Key Pair"
    Then I see "Email address"
    When I type "Alice"
    And I press "Tab"
    And I type "alice@example.org"
    And I press "Return"
    Then I see "Success"
