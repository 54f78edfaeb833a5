@logged-in @desktop-programs
Feature: OnionShare from the command line
  Only the desktop's image has OnionShare. It speaks to the system's tor, as it does in Tails.

  Background:
    Given a private Tor network
    And OnionShare is set up to use the system's Tor
    And an administration password is set
    When I run "systemctl restart tor" as administrator
    Then Tor is ready

  @task:sharing/send
  Scenario: Share a file until somebody has it
    When I run "echo 'Dear Alice' > letter.txt"
    And I run "PYTHONUNBUFFERED=1 onionshare-cli --public letter.txt > share.log 2>&1 &"
    Then somebody elsewhere downloads "Dear Alice" from the address in "~/share.log"
    And the file "~/share.log" says "Stopped because transfer is complete"

  @task:sharing/website
  Scenario: Host a site
    Given the web page "~/site/index.html" that says "The kettle is on"
    When I run "PYTHONUNBUFFERED=1 onionshare-cli --public --website site > share.log 2>&1 &"
    Then somebody elsewhere reads "The kettle is on" at the address in "~/share.log"
    When I run "kill -INT %1"

  @task:sharing/receive
  Scenario: Let somebody send a file
    When I run "PYTHONUNBUFFERED=1 onionshare-cli --public --receive --data-dir box > share.log 2>&1 &"
    Then somebody elsewhere sends the file "letter.txt" that says "Dear Bob" to the address in "~/share.log"
    When I run "cat box/*/*/letter.txt"
    Then the output is "Dear Bob"
