@desktop-ready @refused
Feature: What a person's programs must not do on the desktop
  By screen, keyboard and pointer. The files' modes allow all of it: nobody but TOMOYO stands in the way.

  @task:refused/keys @twin:documents-text.open-a-text-by-the-editors-own-dialog
  Scenario: The text editor opens an SSH key
    Its name tells that it is a text: the dialog shows no other files, and may not look into this one.
    Given the file "~/.ssh/work.txt" that says "Nobody shall know"
    When I open "Text Editor" from the menu "Favorites"
    And I press "ctrl-o"
    Then I see "Pick Files"
    When I press "ctrl-l"
    And I type "/home/amnesia/.ssh/work.txt"
    And I press "Return"
    Then I see "work.txt"
    When I click "Open"
    Then TOMOYO refuses "file read /home/amnesia/.ssh/work.txt" to "/usr/bin/gnome-text-editor", so I do not see "Nobody shall know"

  @task:refused/keys
  Scenario: The browser shows an SSH key
    Given the file "~/.ssh/work" that says "Nobody shall know"
    When I open "Firefox" from the menu "Favorites"
    And I go to the address "file:///home/amnesia/.ssh/work"
    Then TOMOYO refuses "file read /home/amnesia/.ssh/work" to "/usr/lib/firefox-esr/firefox-esr", so I do not see "Nobody shall know"

  @task:refused/keys
  Scenario: The browser shows an SSH key by the overlay's other name
    Given the file "~/.ssh/work" that says "Nobody shall know"
    When I open "Firefox" from the menu "Favorites"
    And I go to the address "file:///run/live/overlay/rw/home/amnesia/.ssh/work"
    Then TOMOYO refuses "file read /run/live/overlay/rw/home/amnesia/.ssh/work" to "/usr/lib/firefox-esr/firefox-esr", so I do not see "Nobody shall know"

  @task:refused/keys
  Scenario: A terminal's shell reads an SSH key
    The shell reads the file itself, as commands: no other program has to be started first.
    Given the file "~/.ssh/work" that says "echo Nobody shall know"
    When I open "Console" from the menu "Favorites"
    And I type the command "source .ssh/work"
    Then TOMOYO refuses "file read /home/amnesia/.ssh/work" to "/usr/bin/kgx /usr/bin/bash", so I do not see "Nobody shall know"

  @task:refused/keys
  Scenario: Files copies what lies beside the keys
    Its name tells what kind of file it is, so that Files does not read it before it is copied.
    Given the file "~/.gnupg/passphrase.txt" that says "Nobody shall know"
    When I open "Files" from the menu "Favorites"
    And I go to the address "/home/amnesia/.gnupg"
    Then I see "passphrase.txt"
    When I press "ctrl-a"
    And I press "ctrl-c"
    And I go to the address "/home/amnesia/Documents"
    Then I see "Folder is Empty"
    When I press "ctrl-v"
    Then TOMOYO refuses "file read /home/amnesia/.gnupg/passphrase.txt" to "/usr/bin/nautilus", so the file "~/Documents/passphrase.txt" does not say "Nobody shall know"

  @task:refused/foreign-files
  Scenario: The document viewer shows another user's document
    Given the PDF document "/home/bob/diary.pdf" of another user that says "Nobody shall know"
    When I open "Files" from the menu "Favorites"
    And I go to the address "/home/bob"
    And I open the file "diary.pdf"
    Then TOMOYO refuses "file read /home/bob/diary.pdf" to "/usr/bin/evince", so I do not see "Nobody shall know"
