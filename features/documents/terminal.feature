@desktop-ready
Feature: Documents opened from a terminal
  A program that is started from a terminal runs in another domain than the same program started from its icon.

  Background:
    When I open "Console" from the menu "Favorites"

  @task:documents/view-pdf
  Scenario: Read a PDF document from a terminal
    Given the PDF document "~/leaflet.pdf" that says "Mind the gap"
    When I type the command "evince leaflet.pdf"
    Then I see "Mind the gap"

  @task:documents/text
  Scenario: Open a text from a terminal
    Given the file "~/recipe.txt" that says "Boil some water"
    When I type the command "gnome-text-editor recipe.txt"
    Then I see "Boil some water"

  @task:documents/text
  Scenario: Change a text in nano
    When I type the command "nano list.txt"
    Then I see "GNU nano"
    When I write "two eggs"
    And I press "ctrl-s"
    And I press "ctrl-x"
    Then the file "~/list.txt" says "two eggs"
