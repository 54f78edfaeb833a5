@desktop-ready @slow @task:sharing/send
Feature: OnionShare's window
  The address goes by way of the clipboard into a file, as into a message to somebody.

  Scenario: Share a file from a terminal's window
    Given a private Tor network
    And OnionShare is set up to use the system's Tor
    And an administration password is set
    And I am logged in on the text console
    When I run "echo 'Dear Alice' > letter.txt"
    And I run "systemctl restart tor" as administrator
    Then Tor is ready
    When I open "Console" from the overview
    And I type the command "onionshare --filenames letter.txt > log 2>&1 &"
    Then I see "Start sharing" in the end
    When I click "This is a public OnionShare service"
    And I click "Start sharing"
    And I click "Copy Address"
    And I press "alt-Tab"
    And I press "super-Up"
    Then I see "Copy Address" no more
    When I type the command "cat > address.txt"
    And I press "ctrl-shift-v"
    Then I see ".onion"
    When I press "Return"
    And I press "ctrl-d"
    Then somebody elsewhere downloads "Dear Alice" from the address in "~/address.txt"
