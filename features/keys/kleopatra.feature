@desktop-ready
Feature: Kleopatra

  Scenario: Make a key pair
    When I open "Kleopatra" from the overview
    And I click "New Key Pair"
    Then I see "Name"
    When I type "Alice" into "Name"
    And I type "alice@example.org" into "Email"
    And I click "OK"
    Then I see "Success"
