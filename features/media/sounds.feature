@desktop-ready @slow @task:media/edit-sound
Feature: Sounds

  Scenario: Cut a sound in Audacity and save what is left
    Given the sound "~/Music/kettle.wav" of 3 seconds
    When I open "Console" from the menu "Favorites"
    And I type the command "audacity Music/kettle.wav"
    Then I see "Welcome to Audacity" in the end
    When I click "OK"
    Then I see "Welcome to Audacity" no more
    When I press "Home"
    And I press "."
    And I press "shift-k"
    And I press "Delete"
    And I press "ctrl-shift-e"
    Then I see "Export Audio"
    When I press "Return"
    Then the sound "~/Documents/kettle.wav" lasts 1 to 2 seconds
