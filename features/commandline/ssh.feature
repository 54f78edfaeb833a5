@logged-in
Feature: Another computer from the command line

  Background:
    Given another computer "shell.example" where "alice" has the password "kettle"
    And the other computer has the file "minutes.txt" that says "We met at noon."

  @task:commandline/ssh
  Scenario: Run a command on another computer
    When I run "ssh alice@shell.example uname -n" with the password "kettle"
    Then the output says "shell.example"

  @task:commandline/sftp
  Scenario: Fetch a file with sftp
    When I run "sftp alice@shell.example:minutes.txt" with the password "kettle"
    Then the file "~/minutes.txt" says "We met at noon."

  @task:commandline/sftp
  Scenario: Send a file with scp
    When I run "echo 'Dear Alice' > letter.txt"
    And I run "scp letter.txt alice@shell.example:letter.txt" with the password "kettle"
    Then the other computer has the file "letter.txt" that says "Dear Alice"
