@logged-in @variant
Feature: The network from the command line in another way
  Other sites, other computers, other people, other files.

  @twin:commandline-web.download-a-file-with-wget-over-https
  Scenario: Download another file from another site
    Given a web site "teapot.example" that says "The teapot is full"
    And a web site "teapot.example" with the file "/poem.txt" that says "tip me over"
    When I run "wget -q https://teapot.example/poem.txt"
    Then the file "~/poem.txt" says "tip me over"

  @twin:commandline-web.read-a-page-with-curl-over-http
  Scenario: Read a page of another site with curl
    Given a web site "teapot.example" that says "The teapot is full"
    When I run "curl --silent http://teapot.example/"
    Then the output says "The teapot is full"

  @twin:commandline-git.clone-a-repository-over-https
  Scenario: Clone another repository from another server
    Given a git server "code.example" with the repository "poems", in it "roses.txt" that says "roses are red"
    When I run "git clone --quiet https://code.example/poems"
    Then the file "~/poems/roses.txt" says "roses are red"

  @twin:commandline-ssh.fetch-a-file-with-sftp
  Scenario: Fetch another file from another computer with sftp
    Given another computer "attic.example" where "bob" has the password "teapot"
    And the other computer has the file "inventory.txt" that says "Two chairs."
    When I run "sftp bob@attic.example:inventory.txt" with the password "teapot"
    Then the file "~/inventory.txt" says "Two chairs."

  @twin:commandline-ssh.send-a-file-with-scp
  Scenario: Send another file to another computer with scp
    Given another computer "attic.example" where "bob" has the password "teapot"
    When I run "mkdir orders && echo 'One table' > orders/table.txt"
    And I run "scp orders/table.txt bob@attic.example:order.txt" with the password "teapot"
    Then the other computer has the file "order.txt" that says "One table"
