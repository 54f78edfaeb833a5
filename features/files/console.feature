@logged-in
Feature: Files on a text console

  Background:
    Given I run "mkdir papers && echo 'Dear editor' > papers/letter.txt"

  @task:files/copy
  Scenario: Copy, move and rename files
    When I run "cp papers/letter.txt copy.txt"
    And I run "mv copy.txt papers/second.txt"
    And I run "cp -r papers archive"
    Then the file "~/archive/second.txt" says "Dear editor"

  @task:files/delete
  Scenario: Delete a file and a folder
    When I run "rm papers/letter.txt"
    And I run "rmdir papers"
    And I run "ls"
    Then the output does not say "papers"

  @task:files/wipe
  Scenario: Wipe a file
    When I run "ln papers/letter.txt other-name"
    And I run "shred --zero papers/letter.txt"
    Then the file "~/other-name" does not say "Dear editor"
    When I run "shred --zero --remove papers/letter.txt"
    Then the file "~/papers/letter.txt" is gone

  @task:files/search
  Scenario: Find a file by its name and by its content
    When I run "find . -name 'let*'"
    Then the output is "./papers/letter.txt"
    When I run "grep -rl editor papers"
    Then the output is "papers/letter.txt"

  @task:files/properties
  Scenario: Keep a file from others
    When I run "chmod 600 papers/letter.txt"
    And I run "stat -c '%A %U' papers/letter.txt"
    Then the output is "-rw------- amnesia"

  @task:files/archive
  Scenario: Pack files into a zip archive and unpack it elsewhere
    When I run "zip -q -r papers.zip papers"
    And I run "unzip -q papers.zip -d unpacked"
    Then the file "~/unpacked/papers/letter.txt" says "Dear editor"

  @task:files/archive
  Scenario: Pack files into an encrypted 7-Zip archive and unpack it
    When I run "7z a -pkettle -mhe=on papers.7z papers"
    And I run "7z x -pkettle -ounpacked papers.7z"
    Then the file "~/unpacked/papers/letter.txt" says "Dear editor"
