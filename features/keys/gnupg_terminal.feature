@desktop-ready @core @task:keys/make
Feature: GnuPG in a terminal window

  Scenario: Make a key without a passphrase and look at it
    When I open "Console" from the menu "Favorites"
    And I type the command "gpg --batch --passphrase '' --quick-gen-key alice"
    And I type the command "gpg -k alice"
    Then I see "ultimate"
