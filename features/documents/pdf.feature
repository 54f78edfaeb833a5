@desktop-ready @core @task:documents/view-pdf
Feature: PDF documents

  Scenario: Open a PDF from Files and read it
    Given the PDF document "~/Documents/leaflet.pdf" that says "Mind the gap"
    When I open "Files" from the menu "Favorites"
    And I open the folder "Documents"
    And I open the file "leaflet.pdf"
    Then I see "Mind the gap"
