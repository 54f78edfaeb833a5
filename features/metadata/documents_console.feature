@console-ready
Feature: Removing metadata from documents on a text console

  @task:metadata/pdf
  Scenario: Clean a PDF document with mat2
    Given the PDF document "~/leaflet.pdf", written by "Alice with a typewriter", that says "Mind the gap"
    And I am logged in on the text console
    When I run "mat2 --show leaflet.pdf"
    Then the output says "Alice with a typewriter"
    When I run "mat2 leaflet.pdf"
    Then the file "~/leaflet.cleaned.pdf" is a PDF document
    When I run "mat2 --show leaflet.cleaned.pdf"
    Then the output does not say "Alice"

  @task:metadata/office
  Scenario: Clean a letter with mat2
    Given the letter "~/letter.odt", written by "Alice with a typewriter", that says "Dear editor"
    And I am logged in on the text console
    When I run "unzip -p letter.odt meta.xml"
    Then the output says "Alice with a typewriter"
    When I run "mat2 letter.odt"
    And I run "unzip -p letter.cleaned.odt"
    Then the output does not say "Alice"
    And the output says "Dear editor"

  @task:metadata/look
  Scenario: Look at a picture's metadata with ExifTool
    Given the picture "~/holiday.png", taken by "Alice with a telephone"
    And I am logged in on the text console
    When I run "exiftool -Author holiday.png"
    Then the output says "Alice with a telephone"
