@logged-in @task:keys/ssh
Feature: SSH keys

  Scenario: Make an SSH key
    When I run "ssh-keygen -q -t ed25519 -N '' -f ~/.ssh/id_ed25519"
    And I run "ssh-keygen -l -f ~/.ssh/id_ed25519.pub"
    Then the output says "ED25519"
    And the file "~/.ssh/id_ed25519" says "BEGIN OPENSSH PRIVATE KEY"
