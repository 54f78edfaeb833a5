@logged-in
Feature: GnuPG on a text console

  Background:
    Given I run "echo 'We meet at noon.' > message.txt"

  @core @task:keys/make @task:keys/sign
  Scenario: Make a key, sign a message and verify it
    When I run "gpg --batch --passphrase '' --quick-generate-key 'Alice <alice@example.org>' ed25519 sign never"
    And I run "gpg --batch --clearsign message.txt"
    And I run "gpg --verify message.txt.asc"
    Then the output says "Good signature"
    And the file "~/message.txt.asc" says "BEGIN PGP SIGNED MESSAGE"

  @task:keys/sign
  Scenario: A changed message has a bad signature
    When I run "gpg --batch --passphrase '' --quick-generate-key 'Alice <alice@example.org>' ed25519 sign never"
    And I run "gpg --batch --detach-sign message.txt"
    And I run "echo 'We meet at five.' > message.txt"
    And I try "gpg --verify message.txt.sig"
    Then it is refused
    And the output says "BAD signature"

  @task:keys/symmetric
  Scenario: Encrypt with a passphrase and decrypt
    When I run "gpg --batch --pinentry-mode loopback --passphrase kettle --symmetric message.txt"
    Then the file "~/message.txt.gpg" does not say "noon"
    When I run "rm message.txt"
    And I run "gpg --batch --pinentry-mode loopback --passphrase kettle --output message.txt --decrypt message.txt.gpg"
    Then the file "~/message.txt" says "We meet at noon."

  @task:keys/export @task:keys/encrypt
  Scenario: Encrypt to somebody whose key I was given, who decrypts it
    Given I run "mkdir -m 700 bob"
    When I run "gpg --homedir bob --batch --passphrase '' --quick-generate-key 'Bob <bob@example.org>' default default never"
    And I run "gpg --homedir bob --armor --export bob@example.org > bob.asc"
    And I run "gpg --import bob.asc"
    Then the output says "Bob <bob@example.org>"
    When I run "gpg --batch --trust-model always --armor --recipient bob@example.org --encrypt message.txt"
    Then the file "~/message.txt.asc" says "BEGIN PGP MESSAGE"
    When I run "gpg --homedir bob --batch --output read.txt --decrypt message.txt.asc"
    Then the file "~/read.txt" says "We meet at noon."
