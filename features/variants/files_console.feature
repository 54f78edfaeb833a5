@logged-in @variant
Feature: Files and documents in another way
  Never learned from: they tell whether a policy fits the task or its recording.

  @twin:files-archive.pack-files-and-unpack-them-elsewhere
  Scenario: Pack other files and unpack them in another folder
    When I run "mkdir letters && echo 'Dear Bob' > letters/bob.txt && echo 'Dear Carol' > letters/carol.txt"
    And I run "tar -czf letters.tar.gz letters"
    And I run "mkdir received && tar -xzf letters.tar.gz -C received"
    Then the file "~/received/letters/carol.txt" says "Dear Carol"

  @twin:files-console.pack-files-into-a-zip-archive-and-unpack-it-elsewhere
  Scenario: Pack another folder into a zip archive and unpack it in a folder that is there
    Given I run "mkdir minutes && echo 'We met at noon' > minutes/march.txt"
    When I run "zip -q -r march.zip minutes"
    And I run "mkdir received"
    And I run "unzip -q march.zip -d received"
    Then the file "~/received/minutes/march.txt" says "We met at noon"

  @twin:files-console.copy-move-and-rename-files
  Scenario: Rename, move and copy other files, in another order
    Given I run "mkdir poems && echo 'Roses are red' > poems/draft.txt"
    When I run "mv poems/draft.txt poems/roses.txt"
    And I run "cp -r poems collected"
    And I run "cp collected/roses.txt roses.txt"
    Then the file "~/roses.txt" says "Roses are red"

  @twin:files-console.delete-a-file-and-a-folder
  Scenario: Delete two other files and their folder
    Given I run "mkdir drafts && echo one > drafts/one.txt && echo two > drafts/two.txt"
    When I run "rm drafts/two.txt"
    And I run "rm drafts/one.txt"
    And I run "rmdir drafts"
    And I run "ls"
    Then the output does not say "drafts"

  @twin:files-console.find-a-file-by-its-name-and-by-its-content
  Scenario: Find another file by its content and then by its name
    Given I run "mkdir recipes && echo 'boil water' > recipes/tea.txt"
    When I run "grep -rl water recipes"
    Then the output is "recipes/tea.txt"
    When I run "find . -name 'tea*'"
    Then the output is "./recipes/tea.txt"

  @twin:metadata-picture-console.clean-a-picture-with-mat2
  Scenario: Clean another picture in another folder
    Given the picture "~/Pictures/garden.png", taken by "Bob with a camera"
    When I run "mat2 Pictures/garden.png"
    And I run "mat2 --show Pictures/garden.cleaned.png"
    Then the output does not say "Bob"

  @twin:metadata-documents-console.clean-a-pdf-document-with-mat2
  Scenario: Clean another PDF document in another folder
    Given the PDF document "~/Documents/timetable.pdf", written by "Bob with a pencil", that says "The last train"
    When I run "mat2 Documents/timetable.pdf"
    And I run "mat2 --show Documents/timetable.cleaned.pdf"
    Then the output does not say "Bob"

  @twin:help-logs-console.collect-what-the-system-has-logged
  Scenario: Collect the log in a file of another name
    Given an administration password is set
    When I run "sh -c 'journalctl --boot --no-pager > /home/amnesia/what-happened.txt'" as administrator
    Then the file "~/what-happened.txt" says "Linux version"

  @twin:drives-usb-console.read-a-file-from-a-usb-stick-and-take-the-stick-away
  Scenario: Read another file from a USB stick
    Given an administration password is set
    When I plug in a USB stick with the file "address.txt" that says "Tea Street 12"
    And I run "mount /dev/sda /mnt" as administrator
    And I run "cat /mnt/address.txt"
    Then the output says "Tea Street 12"
    When I run "umount /mnt" as administrator
    And I pull the USB stick out
    Then the drive "/dev/sda" is gone
