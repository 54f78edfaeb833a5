@desktop-ready
Feature: Sites of the web

  Background:
    Given a web site "kettle.example" that says "The kettle is on"

  @task:browsing/https @task:browsing/page
  Scenario: Open a page over https
    When I open "Firefox" from the menu "Favorites"
    And I go to the address "https://kettle.example/"
    Then I see "The kettle is on"

  @slow @task:browsing/bookmark
  Scenario: Keep a page's address
    When I open "Firefox" from the menu "Favorites"
    And I go to the address "https://kettle.example/"
    Then I see "The kettle is on"
    When I press "ctrl-d"
    Then I see "Add bookmark"
    When I press "Return"
    Then I see "Add bookmark" no more
    # The panel for a new one closes by itself after a few seconds, the one for a bookmark that there is does not.
    When I press "ctrl-d"
    Then I see "Edit bookmark"
    When I type "My kettle"
    And I press "Return"
    Then I see "Edit bookmark" no more
    And I see "My kettle"

  @slow @task:browsing/download
  Scenario: Save a file from a site
    Given a web site "kettle.example" with the file "/song.txt" that says "short and stout"
    When I open "Firefox" from the menu "Favorites"
    And I go to the address "https://kettle.example/song.txt"
    Then I see "short and stout"
    When I press "ctrl-s"
    Then I see "Save As"
    When I press "Return"
    Then the file "~/Downloads/song.txt" says "short and stout"

  @slow @task:browsing/download
  Scenario: Open a downloaded file from the browser
    Given a web site "kettle.example" with the file "/song.tea" that says "short and stout"
    When I open "Firefox" from the menu "Favorites"
    And I go to the address "https://kettle.example/song.tea"
    And I click "song.tea"
    Then I see "short and stout"

  @slow @task:browsing/save-pdf
  Scenario: Print a page into a file
    When I open "Firefox" from the menu "Favorites"
    And I go to the address "https://kettle.example/"
    Then I see "The kettle is on"
    When I press "ctrl-p"
    Then I see "Save to PDF"
    When I press "Return"
    Then I see "Save As"
    When I press "Return"
    Then the PDF document "~/The kettle is on.pdf" says "The kettle is on"

  @slow @task:browsing/upload
  Scenario: Send a file to a site
    Given a web site "teapot.example" that takes files
    And the file "~/Documents/recipe.txt" that says "Boil some water"
    When I open "Firefox" from the menu "Favorites"
    And I go to the address "https://teapot.example/"
    And I click "Browse"
    Then I see "File Upload"
    When I press "ctrl-l"
    And I type "/home/amnesia/Documents/recipe.txt"
    And I press "Return"
    Then I see "16 bytes"
    When I click "Select"
    Then I see "File Upload" no more
    And I see "recipe.txt"
    When I click "Send it"
    Then I see "Thank you"
    And the web site "teapot.example" was sent "Boil some water"

  @slow @task:browsing/media
  Scenario: Listen to a sound on a page
    Given a web site "samovar.example" that plays a sound
    When I open "Firefox" from the menu "Favorites"
    And I go to the address "https://samovar.example/"
    And I click "Play it"
    Then I see "That was all"
