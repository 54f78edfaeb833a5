@desktop-ready @core @task:passwords/database
Feature: KeePassXC

  Scenario: Create a password database
    When I open "KeePassXC" from the menu "Favorites"
    And I press "ctrl-shift-n"
    Then I see "General Database Information"
    When I press "Return"
    Then I see "Encryption Settings"
    When I click "Continue"
    Then I see "Database Credentials"
    When I type the secret "seven blue kettles boil over at noon"
    And I press "Tab"
    And I type the secret "seven blue kettles boil over at noon"
    And I press "Return"
    Then I see "Save database as"
    When I press "Return"
    Then the KeePass database "~/Passwords.kdbx" exists
