@logged-in
Feature: Tor from the command line
  The network is a private one in the machine's own network; the guest's tor is Debian's, as root starts it.

  Background:
    Given a private Tor network
    And a web site "kettle.example" that says "The kettle is on"
    And an administration password is set
    When I run "systemctl restart tor" as administrator
    Then Tor is ready

  @task:tor/ready
  Scenario: Read a page through Tor with curl
    When I run "curl --silent --show-error --socks5-hostname localhost:9050 http://kettle.example/"
    Then the output says "The kettle is on"
    And the web site "kettle.example" has seen nobody but a Tor exit

  @task:tor/ready
  Scenario: Read a page over https with a program that knows nothing of Tor
    When I run "torsocks wget -q -O page.html https://kettle.example/"
    Then the file "~/page.html" says "The kettle is on"
    And the web site "kettle.example" has seen nobody but a Tor exit

  @task:tor/onion-service
  Scenario: Visit an onion service
    Given an onion service that says "Nobody knows where the kettle is"
    When I run "curl --silent --show-error --socks5-hostname localhost:9050" with the address of the onion service
    Then the output says "Nobody knows where the kettle is"

  @task:tor/isolation
  Scenario: Two programs use circuits of their own
    When I run "torsocks --isolate curl --silent --show-error http://kettle.example/"
    Then the output says "The kettle is on"
    When I run "torsocks --isolate wget -q -O page.html http://kettle.example/"
    Then the file "~/page.html" says "The kettle is on"
    And Tor kept 2 programs apart
