@logged-in @desktop-programs @task:passwords/entry
Feature: KeePassXC on the command line

  Scenario: Add an entry to a password database and use it
    When I run "printf 'kettle\nkettle\n' | keepassxc-cli db-create --set-password Passwords.kdbx"
    And I run "printf 'kettle\nsamovar\n' | keepassxc-cli add --username alice --password-prompt Passwords.kdbx post"
    And I run "echo kettle | keepassxc-cli show --quiet --show-protected --attributes Password Passwords.kdbx post"
    Then the output is "samovar"
