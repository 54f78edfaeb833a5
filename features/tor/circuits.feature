@desktop-ready @task:tor/circuits
Feature: Onion Circuits

  Scenario: Look at the circuits that lead to the exit
    Given a private Tor network
    And an administration password is set
    And I am logged in on the text console
    When I run "systemctl restart tor" as administrator
    Then Tor is ready
    When I open "Onion Circuits" from the overview
    Then I see "Teapot"
