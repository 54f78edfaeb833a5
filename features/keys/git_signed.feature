@logged-in @task:keys/sign
Feature: GnuPG asked by another program
  Git starts GnuPG by itself, so that it works in a domain of its own.

  Background:
    Given I run "gpg --batch --passphrase '' --quick-generate-key 'Alice <alice@example.org>' ed25519 sign never"
    And I run "git config --global user.name Alice"
    And I run "git config --global user.email alice@example.org"
    And I run "git init --quiet recipes"

  Scenario: Sign a version of a project and verify it
    When I run "git -C recipes commit --quiet --allow-empty --gpg-sign --message tea"
    And I run "git -C recipes verify-commit HEAD"
    Then the output says "Good signature"
