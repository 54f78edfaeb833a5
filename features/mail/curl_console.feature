@logged-in
Feature: Mail from the command line

  Background:
    Given a mail server "post.example" where "alice" has the password "kettle"
    And a mail server "post.example" where "bob" has the password "teapot"

  @task:mail/receive
  Scenario: Read a mail that waits
    Given a mail to "alice@post.example" from "bob@post.example" about "Minutes" that says "We met at noon"
    When I run "curl --silent --show-error --user alice@post.example:kettle --list-only 'imaps://post.example/INBOX?NEW'"
    Then the output says "SEARCH 1"
    When I run "curl --silent --show-error --user alice@post.example:kettle 'imaps://post.example/INBOX;MAILINDEX=1'"
    Then the output says "Subject: Minutes"
    And the output says "We met at noon"

  @task:mail/send
  Scenario: Write a mail and send it
    When I run "printf 'From: alice@post.example\nTo: bob@post.example\nSubject: Tea\n\nThe kettle is on\n' > mail.txt"
    And I run "curl --silent --show-error --user alice@post.example:kettle --mail-from alice@post.example --mail-rcpt bob@post.example --upload-file mail.txt smtps://post.example"
    Then "bob@post.example" receives a mail about "Tea"
    And "bob@post.example" receives a mail that says "The kettle is on"

  @task:mail/send
  Scenario: Send a mail over a connection that STARTTLS encrypts
    When I run "printf 'Subject: Tea\n\nThe kettle is on\n' > mail.txt"
    And I run "curl --silent --show-error --ssl-reqd --user alice@post.example:kettle --mail-from alice@post.example --mail-rcpt bob@post.example --upload-file mail.txt smtp://post.example:587"
    Then "bob@post.example" receives a mail that says "The kettle is on"

  @task:mail/attachment
  Scenario: Send an attachment
    When I run "echo 'boil water' > recipe.txt"
    And I run "curl --silent --show-error --user alice@post.example:kettle --mail-from alice@post.example --mail-rcpt bob@post.example --form 'text=How to make tea' --form 'file=@recipe.txt;type=text/plain;encoder=base64' --header 'Subject: Tea' smtps://post.example"
    Then "bob@post.example" receives a mail with the file "recipe.txt" that says "boil water"

  @task:mail/attachment
  Scenario: Save an attachment
    Given a mail to "alice@post.example" from "bob@post.example" with the file "recipe.txt" that says "boil water"
    When I run "curl --silent --show-error --user alice@post.example:kettle 'imaps://post.example/INBOX;MAILINDEX=1;SECTION=2' > recipe.txt"
    Then the file "~/recipe.txt" says "boil water"

  @task:mail/openpgp
  Scenario: Send an encrypted mail and read it
    When I run "gpg --batch --passphrase '' --quick-generate-key alice@post.example default default never"
    And I run "printf 'Subject: Tea\n\n' > mail.txt"
    And I run "echo 'The kettle is on' | gpg --batch --armor --recipient alice@post.example --encrypt >> mail.txt"
    And I run "curl --silent --show-error --user alice@post.example:kettle --mail-from alice@post.example --mail-rcpt alice@post.example --upload-file mail.txt smtps://post.example"
    Then "alice@post.example" receives a mail that says "BEGIN PGP MESSAGE"
    And no mail of "alice@post.example" says "The kettle is on"
    When I run "curl --silent --show-error --user alice@post.example:kettle 'imaps://post.example/INBOX;MAILINDEX=1' | gpg --batch --decrypt"
    Then the output says "The kettle is on"

  @task:mail/send
  Scenario: Who has not the password sends nothing
    When I run "printf 'Subject: Tea\n\nThe kettle is on\n' > mail.txt"
    And I try "curl --silent --show-error --user alice@post.example:teapot --mail-from alice@post.example --mail-rcpt bob@post.example --upload-file mail.txt smtps://post.example"
    Then it is refused
    And the output says "Login denied"
    And no mail of "bob@post.example" says "The kettle is on"
