@desktop-ready @slow
Feature: Pidgin

  @task:chat/account @task:chat/message
  Scenario: Set up an account, read a message that waits and answer it
    Given a chat server "chat.example" where "alice" has the password "kettle"
    And a chat server "chat.example" where "bob" has the password "teapot"
    And a chat message to "alice@chat.example" from "bob@chat.example" saying "We met at noon"
    When I open "Pidgin" from the menu "Internet"
    Then I see "Welcome to Pidgin"
    When I press "ctrl-a"
    And I press "alt-a"
    Then I see "Login Options"
    When I press "space"
    And I click "XMPP"
    Then I see "Domain"
    When I press "alt-u"
    And I type "alice"
    And I press "Tab"
    And I type "chat.example"
    And I press "Tab"
    And I press "Tab"
    And I type the secret "kettle"
    And I press "alt-a"
    Then I see "We met at noon"
    When I click "We met at noon"
    And I write "The kettle is on"
    And I press "Return"
    Then a chat message for "bob@chat.example" says "The kettle is on"
