@desktop-ready @variant
Feature: The desktop's tasks in another way
  Other names, other folders, other words. Never learned from.

  @twin:documents-text.write-a-text-and-save-it
  Scenario: Write another text and save it under another name
    When I open "Text Editor" from the menu "Favorites"
    And I write "Water the plants"
    And I press "ctrl-s"
    Then I see "Save a File"
    When I type "chores"
    And I press "Return"
    Then the file "~/chores.txt" says "Water the plants"

  @twin:files-folder.make-a-folder
  Scenario: Make a folder of another name
    When I open "Files" from the menu "Favorites"
    Then I see "Templates"
    When I press "ctrl-shift-n"
    Then I see "Folder Name"
    When I type "Holidays"
    And I press "Return"
    Then the folder "~/Holidays" exists
    And I see "Holidays"

  @twin:documents-pdf.open-a-pdf-from-files-and-read-it
  Scenario: Open another PDF in another folder
    Given the PDF document "~/Pictures/poster.pdf" that says "Dance on Friday"
    When I open "Files" from the menu "Favorites"
    And I open the folder "Pictures"
    And I open the file "poster.pdf"
    Then I see "Dance on Friday"

  @twin:browsing-browser.open-the-browser-from-its-icon-and-read-a-page
  Scenario: Read another page in another folder with the browser
    Given the web page "~/Documents/recipe.html" that says "Boil the water"
    When I open "Firefox" from the menu "Favorites"
    And I go to the address "file:///home/amnesia/Documents/recipe.html"
    Then I see "Boil the water"

  @twin:keys-gnupg-terminal.make-a-key-without-a-passphrase-and-look-at-it
  Scenario: Make the key of another person in a terminal window
    When I open "Console" from the menu "Favorites"
    And I type the command "gpg --batch --passphrase '' --quick-gen-key bob"
    And I type the command "gpg -k bob"
    Then I see "ultimate"
