@desktop-ready @task:keys/symmetric @task:keys/graphical
Feature: GnuPG from Files

  Scenario: Encrypt a file with a passphrase
    Given the file "~/Documents/letter.txt" that says "Dear Alice"
    And I am logged in on the text console
    When I open "Files" from the menu "Favorites"
    And I open the folder "Documents"
    And I click "letter.txt" with the right button
    And I click "Encrypt"
    # A sentence above the button has these words, too.
    And I click exactly "Use a shared passphrase"
    Then I see "Passphrase:"
    When I type the secret "kettle"
    And I press "Return"
    Then I see "Confirm"
    When I type the secret "kettle"
    And I press "Return"
    Then the file "~/Documents/letter.txt.pgp" does not contain "Dear Alice"
    When I run "gpg --batch --passphrase kettle --pinentry-mode loopback --decrypt Documents/letter.txt.pgp"
    Then the output says "Dear Alice"
