@logged-in
Feature: Removing metadata from documents on a text console

  @task:metadata/pdf
  Scenario: Clean a PDF document with mat2
    Given the PDF document "~/leaflet.pdf", written by "Alice with a typewriter", that says "Mind the gap"
    When I run "mat2 --show leaflet.pdf"
    Then the output says "Alice with a typewriter"
    When I run "mat2 leaflet.pdf"
    Then the PDF document "~/leaflet.cleaned.pdf" exists
    When I run "mat2 --show leaflet.cleaned.pdf"
    Then the output does not say "Alice"

  @task:metadata/office
  Scenario: Clean a letter with mat2
    Given the OpenDocument text "~/letter.odt", written by "Alice with a typewriter", that says "Dear editor"
    When I run "unzip -p letter.odt meta.xml"
    Then the output says "Alice with a typewriter"
    When I run "mat2 letter.odt"
    And I run "unzip -p letter.cleaned.odt"
    Then the output does not say "Alice"
    And the output says "Dear editor"

  @task:metadata/look
  Scenario: Look at a picture's metadata with ExifTool
    Given the picture "~/holiday.png", taken by "Alice with a telephone"
    When I run "exiftool -Author holiday.png"
    Then the output says "Alice with a telephone"
