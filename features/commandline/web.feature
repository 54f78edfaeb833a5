@logged-in
Feature: The web from the command line

  Background:
    Given a web site "kettle.example" that says "The kettle is on"
    And a web site "kettle.example" with the file "/song.txt" that says "short and stout"

  @task:commandline/wget
  Scenario: Download a file with wget over https
    When I run "wget -q https://kettle.example/song.txt"
    Then the file "~/song.txt" says "short and stout"

  @core @task:commandline/curl
  Scenario: Read a page with curl over http
    When I run "curl --silent http://kettle.example/"
    Then the output says "The kettle is on"

  @task:commandline/curl
  Scenario: Send something to a site with curl over https
    When I run "curl --silent --show-error --data 'tea=hot' https://kettle.example/song.txt"
    Then the web site "kettle.example" was sent "tea=hot"

  @task:commandline/wget
  Scenario: A site whose authority nobody knows is refused
    When I try "wget --no-verbose --ca-certificate=/dev/null --ca-directory=/var/empty https://kettle.example/song.txt"
    Then it is refused
    And the output says "certificate"
    And the file "~/song.txt" is gone

  @task:commandline/names
  Scenario: Look up a name that exists and one that does not
    When I run "getent hosts kettle.example"
    Then the output says "192.0.2.240"
    When I try "getent hosts teapot.example"
    Then it is refused
