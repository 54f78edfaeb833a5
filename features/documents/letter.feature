@desktop-ready @slow
Feature: Office documents

  Scenario: Write a letter and export it as PDF
    When I open "LibreOffice Writer" from the overview
    And I type the text "Dear editor"
