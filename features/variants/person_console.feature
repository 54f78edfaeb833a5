@variant
Feature: Logins and keys in another way

  @console-ready @twin:start-login.log-in-and-look-around
  Scenario: Look around in another order, and once more
    When I log in on the text console
    And I run "ls -la"
    And I run "id -un"
    Then the output is "amnesia"
    When I log out of the text console
    And I log in on the text console
    And I run "ls -la"
    Then the output says ".bashrc"

  @logged-in @twin:commandline-root-console.look-around-as-administrator
  Scenario: Look elsewhere as administrator
    Given an administration password is set
    When I run "sh -c 'ls /home'" as administrator
    Then the output says "amnesia"

  @logged-in @twin:keys-ssh-key.make-an-ssh-key
  Scenario: Make an SSH key of another name
    When I run "ssh-keygen -q -t ed25519 -N '' -f ~/.ssh/id_work"
    And I run "ssh-keygen -l -f ~/.ssh/id_work.pub"
    Then the output says "ED25519"

  @logged-in @twin:keys-gnupg-console.make-a-key-sign-a-message-and-verify-it
  Scenario: Sign another message with the key of another person
    When I run "gpg --batch --passphrase '' --quick-generate-key 'Bob <bob@example.org>' ed25519 sign never"
    And I run "echo 'We meet at midnight.' > note.txt"
    And I run "gpg --batch --clearsign note.txt"
    And I run "gpg --verify note.txt.asc"
    Then the output says "Good signature"

  @logged-in @twin:keys-gnupg-console.encrypt-with-a-passphrase-and-decrypt
  Scenario: Encrypt another file in another folder with a passphrase, and decrypt
    Given I run "mkdir plans && echo 'Paint the boat.' > plans/summer.txt"
    When I run "gpg --batch --pinentry-mode loopback --passphrase teapot --symmetric plans/summer.txt"
    And I run "rm plans/summer.txt"
    And I run "gpg --batch --pinentry-mode loopback --passphrase teapot --output plans/read.txt --decrypt plans/summer.txt.gpg"
    Then the file "~/plans/read.txt" says "Paint the boat."
