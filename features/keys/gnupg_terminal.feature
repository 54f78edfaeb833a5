@desktop-ready
Feature: GnuPG in a terminal window

  Scenario: Encrypt a file with a password and read it again
    When I open "Console" from the overview
    And I type the command "echo We meet at noon > note.txt"
    And I type the command "gpg --batch --passphrase kettle -c note.txt && echo locked"
    Then I see "locked"
    When I type the command "gpg --batch --passphrase kettle -d note.txt.gpg"
    Then I see "We meet at noon"
