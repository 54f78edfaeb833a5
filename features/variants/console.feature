@console-ready @variant
Feature: The same tasks in another way
  Never learned from: they tell whether a policy fits the task or its recording.

  Scenario: Pack other files and unpack them in another folder
    Given I am logged in on the text console
    When I run "mkdir letters && echo 'Dear Bob' > letters/bob.txt && echo 'Dear Carol' > letters/carol.txt"
    And I run "tar -czf letters.tar.gz letters"
    And I run "mkdir received && tar -xzf letters.tar.gz -C received"
    Then the file "~/received/letters/carol.txt" contains "Dear Carol"

  Scenario: Make an SSH key of another name
    Given I am logged in on the text console
    When I run "ssh-keygen -q -t ed25519 -N '' -f ~/.ssh/id_work"
    And I run "ssh-keygen -l -f ~/.ssh/id_work.pub"
    Then the output says "ED25519"

  Scenario: Sign another message with the key of another person
    Given I am logged in on the text console
    When I run "gpg --batch --passphrase '' --quick-generate-key 'Bob <bob@example.org>' ed25519 sign never"
    And I run "echo 'We meet at midnight.' > note.txt"
    And I run "gpg --batch --clearsign note.txt"
    And I run "gpg --verify note.txt.asc"
    Then the output says "Good signature"

  Scenario: Clean another picture in another folder
    Given the picture "~/Pictures/garden.png", taken by "Bob with a camera"
    And I am logged in on the text console
    When I run "mat2 Pictures/garden.png"
    And I run "mat2 --show Pictures/garden.cleaned.png"
    Then the output does not say "Bob"

  Scenario: Look around in another order, and once more
    When I log in on the text console
    And I run "ls -la"
    And I run "id -un"
    Then the output is "amnesia"
    When I log out of the text console
    And I log in on the text console
    And I run "ls -la"
    Then the output says ".bashrc"

  Scenario: Look elsewhere as administrator
    Given an administration password is set
    And I am logged in on the text console
    When I run "ls /home" in an administrator's shell
    Then the output says "amnesia"
