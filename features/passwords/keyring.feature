@desktop-ready @slow @task:passwords/keyring
Feature: Passwords and Keys

  Scenario: Keep a password in a keyring
    When I open "Passwords and Keys" from the menu "Utilities"
    And I click "Add new items"
    And I click "Used to store application and network passwords"
    Then I see "New Keyring Name"
    When I type "Kettles"
    And I press "Return"
    Then I see "Choose password for new keyring"
    When I type the secret "seven blue kettles boil over at noon"
    And I press "Tab"
    And I type the secret "seven blue kettles boil over at noon"
    And I press "Return"
    Then the file "~/.local/share/keyrings/Kettles.keyring" says "GnomeKeyring"
    When I click "Kettles"
    And I click "Add new items"
    And I click "Safely store a password or secret"
    Then I see "Description"
    When I press "Down"
    And I press "Tab"
    And I type "Samovar"
    And I press "Tab"
    And I type the secret "boiling"
    And I press "Return"
    Then I see "Description" no more
    And I see "Samovar"
