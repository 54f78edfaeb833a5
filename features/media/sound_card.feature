@desktop-ready
Feature: A sound card

  Background:
    Given the computer has a sound card

  @task:media/play
  Scenario: Listen to a sound
    Given the sound "~/Music/kettle.wav" of 60 seconds
    When I open "Files" from the menu "Favorites"
    And I open the folder "Music"
    And I open the file "kettle.wav"
    Then the computer plays a sound

  @slow @task:media/record-sound
  Scenario: Record one's voice in Audacity
    When I open "Audacity" from the menu "Sound & Video"
    Then I see "Welcome to Audacity" in the end
    When I click "OK"
    Then I see "Welcome to Audacity" no more
    When I press "r"
    Then the computer records a sound
    When I press "space"
    Then I see "Stopped"
    And the computer records a sound no more
    When I press "ctrl-shift-e"
    Then I see "Export Audio"
    When I press "Return"
    Then the folder "~/Documents" has a sound
