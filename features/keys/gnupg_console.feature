@console-ready @task:keys/make @task:keys/sign
Feature: GnuPG on a text console

  Scenario: Make a key, sign a message and verify it
    Given I am logged in on the text console
    When I run "gpg --batch --passphrase '' --quick-generate-key 'Alice <alice@example.org>' ed25519 sign never"
    And I run "echo 'We meet at noon.' > message.txt"
    And I run "gpg --batch --clearsign message.txt"
    And I run "gpg --verify message.txt.asc"
    Then the output says "Good signature"
    And the file "~/message.txt.asc" contains "BEGIN PGP SIGNED MESSAGE"
