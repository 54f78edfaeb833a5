@desktop-ready @slow
Feature: Tables and slides

  @task:documents/spreadsheet
  Scenario: Fill a spreadsheet and let it count
    When I open "LibreOffice Calc" from the menu "Office"
    Then I see "Format"
    When I write "=1200+34"
    And I press "Return"
    Then I see "1234"
    When I press "ctrl-s"
    Then I see "Name"
    When I type "sum"
    And I press "Return"
    Then the OpenDocument spreadsheet "~/Documents/sum.ods" says "1234"

  @task:documents/presentation
  Scenario: Make a presentation
    When I open "LibreOffice Impress" from the menu "Office"
    Then I see "Select a Template"
    When I press "Escape"
    Then I see "Did you know"
    When I click "OK"
    Then I see "Click to add Title"
    When I write "Tea for everybody"
    And I press "ctrl-s"
    Then I see "Name"
    When I type "tea"
    And I press "Return"
    Then the OpenDocument presentation "~/Documents/tea.odp" says "Tea for everybody"
