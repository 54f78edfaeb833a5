@desktop-ready @task:passwords/keyring
Feature: The desktop's keyring

  Scenario: Keep a password in a keyring
    When I open "Passwords and Keys" from the menu "Utilities"
    And I press "ctrl-n"
    Then I see "Password Keyring"
