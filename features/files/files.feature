@desktop-ready
Feature: The file manager

  @task:files/copy
  Scenario: Rename a file
    Given the file "~/Documents/draft.txt" that says "not yet"
    When I open "Files" from the menu "Favorites"
    And I open the folder "Documents"
    And I click "draft.txt"
    And I press "F2"
    Then I see "Rename"
    When I type "final"
    And I press "Return"
    Then the file "~/Documents/final.txt" says "not yet"

  @task:files/delete
  Scenario: Throw a file away
    Given the file "~/Documents/draft.txt" that says "not yet"
    When I open "Files" from the menu "Favorites"
    And I open the folder "Documents"
    And I click "draft.txt"
    And I press "Delete"
    Then the file "~/.local/share/Trash/files/draft.txt" says "not yet"
    And the file "~/Documents/draft.txt" is gone

  @task:documents/text
  Scenario: Open a text from the file manager
    Given the file "~/Documents/recipe.txt" that says "Boil some water"
    When I open "Files" from the menu "Favorites"
    And I open the folder "Documents"
    And I open the file "recipe.txt"
    Then I see "Boil some water"

  @task:files/thumbnails
  Scenario: See documents as small pictures
    Given the PDF document "~/Documents/leaflet.pdf" that says "Mind the gap"
    When I open "Files" from the menu "Favorites"
    And I open the folder "Documents"
    Then the folder "~/.cache/thumbnails/large" has a picture

  @task:files/open-with
  Scenario: Open a page with another program than the browser
    Given the web page "~/Documents/welcome.html" that says "The kettle is on"
    When I open "Files" from the menu "Favorites"
    And I open the folder "Documents"
    And I click "welcome.html" with the right button
    Then I see "Open With..."
    When I press "Down"
    And I press "Return"
    Then I see "Text Editor"
    When I click "Text Editor"
    And I press "Return"
    Then I see "kettle is"
    When I press "ctrl-End"
    And I press "Return"
    And I write "Now drink it"
    And I press "ctrl-s"
    Then the file "~/Documents/welcome.html" says "Now drink it"
