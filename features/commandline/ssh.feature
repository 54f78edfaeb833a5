@console-ready
Feature: Another computer from the command line

  Background:
    Given another computer "shell.example" where "alice" has the password "kettle"
    And a file "minutes.txt" on the other computer that says "We met at noon."
    And I am logged in on the text console

  @task:commandline/ssh
  Scenario: Run a command on another computer
    When I give the password "kettle" to "ssh alice@shell.example uname -n"
    Then the output says "shell.example"

  @task:commandline/sftp
  Scenario: Fetch a file with sftp
    When I give the password "kettle" to "sftp alice@shell.example:minutes.txt"
    Then the file "~/minutes.txt" contains "We met at noon."

  @task:commandline/sftp
  Scenario: Send a file with scp
    When I run "echo 'Dear Alice' > letter.txt"
    And I give the password "kettle" to "scp letter.txt alice@shell.example:letter.txt"
    Then the other computer has a file "letter.txt" that says "Dear Alice"
