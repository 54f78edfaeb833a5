@console-ready @variant
Feature: The network from the command line in another way
  Other sites, other computers, other people, other files.

  @twin:commandline-web.download-a-file-with-wget-over-https
  Scenario: Download another file from another site
    Given a web site "teapot.example" that says "The teapot is full"
    And the web site "teapot.example" offers the file "/poem.txt" that says "tip me over"
    And I am logged in on the text console
    When I run "wget -q https://teapot.example/poem.txt"
    Then the file "~/poem.txt" contains "tip me over"

  @twin:commandline-web.read-a-page-with-curl-over-http
  Scenario: Read a page of another site with curl
    Given a web site "teapot.example" that says "The teapot is full"
    And I am logged in on the text console
    When I run "curl --silent http://teapot.example/"
    Then the output says "The teapot is full"

  @twin:commandline-git.clone-a-repository-over-https
  Scenario: Clone another repository from another server
    Given a git server "code.example" with the repository "poems", in it "roses.txt" that says "roses are red"
    And I am logged in on the text console
    When I run "git clone --quiet https://code.example/poems"
    Then the file "~/poems/roses.txt" contains "roses are red"

  @twin:commandline-ssh.fetch-a-file-with-sftp
  Scenario: Fetch another file from another computer with sftp
    Given another computer "attic.example" where "bob" has the password "teapot"
    And a file "inventory.txt" on the other computer that says "Two chairs."
    And I am logged in on the text console
    When I give the password "teapot" to "sftp bob@attic.example:inventory.txt"
    Then the file "~/inventory.txt" contains "Two chairs."

  @twin:commandline-ssh.send-a-file-with-scp
  Scenario: Send another file to another computer with scp
    Given another computer "attic.example" where "bob" has the password "teapot"
    And I am logged in on the text console
    When I run "mkdir orders && echo 'One table' > orders/table.txt"
    And I give the password "teapot" to "scp orders/table.txt bob@attic.example:order.txt"
    Then the other computer has a file "order.txt" that says "One table"
