@desktop-ready @task:media/draw
Feature: Drawings

  Scenario: Export a drawing as a picture
    Given the file "~/sun.svg" that says "<svg xmlns="http://www.w3.org/2000/svg" width="80" height="60"><circle cx="40" cy="30" r="20" fill="gold"/></svg>"
    And I am logged in on the text console
    When I run "inkscape sun.svg --export-filename=sun.png"
    Then the picture "~/sun.png" exists
