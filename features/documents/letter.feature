@desktop-ready @core @slow @task:documents/letter @task:documents/export-pdf
Feature: Office documents

  Scenario: Write a letter and export it as PDF
    When I open "LibreOffice Writer" from the menu "Office"
    Then I see "Format"
    When I write "Dear editor"
    And I press "ctrl-s"
    Then I see "Name"
    When I type "letter"
    And I press "Return"
    Then the OpenDocument text "~/Documents/letter.odt" says "Dear editor"
    When I click "File"
    And I click "Export As"
    And I click "Export Directly as PDF"
    Then I see "Name"
    When I press "Return"
    Then the PDF document "~/Documents/letter.pdf" says "Dear editor"
