@desktop-ready @slow
Feature: Thunderbird
  It asks the domain of the address where the mail servers are, so a person types an address and a password.

  Background:
    Given a mail server "post.example" where "alice" has the password "kettle"
    And a mail server "post.example" where "carol" has the password "teapot"
    And a mail to "alice@post.example" from "bob@post.example" about "Minutes" that says "We met at noon, see https://kettle.example/"
    When I open "Thunderbird" from the menu "Favorites"
    Then I see "Add your email address"
    When I type "Alice"
    And I press "Tab"
    And I type "alice@post.example"
    And I press "Return"
    Then I see "Connect your email settings"
    When I press "Return"
    Then I see "Enter your email account password"
    When I type the secret "kettle"
    And I press "Return"
    Then I see "Add another email"
    When I press "Escape"
    Then I see "Add another email" no more

  @task:mail/account @task:mail/receive
  Scenario: Set up an account and read a mail that waits
    When I click "Inbox"
    Then I see "Minutes"
    When I press "n"
    Then I see "We met at noon"

  @task:mail/link
  Scenario: Open a link in a mail
    Given a web site "kettle.example" that says "The kettle is on"
    When I click "Inbox"
    Then I see "Minutes"
    When I press "n"
    And I click "https://kettle.example/"
    Then I see "The kettle is on" in the end

  @task:mail/account @task:mail/send
  Scenario: Set up an account, write a mail and send it
    When I press "ctrl-n"
    Then I see "Subject"
    When I type "carol@post.example"
    And I press "Return"
    And I press "alt-s"
    And I type "Teatime"
    And I press "Tab"
    And I write "The kettle is on"
    And I press "ctrl-Return"
    Then I see "ready to send this message"
    When I press "Return"
    Then "carol@post.example" receives a mail about "Teatime"
    And "carol@post.example" receives a mail that says "The kettle is on"
