@logged-in @core @task:metadata/picture @task:metadata/look
Feature: Removing metadata on a text console

  Scenario: Clean a picture with mat2
    Given the picture "~/holiday.png", taken by "Alice with a telephone"
    When I run "mat2 --show holiday.png"
    Then the output says "Alice with a telephone"
    When I run "mat2 holiday.png"
    And I run "mat2 --show holiday.cleaned.png"
    Then the output does not say "Alice"
    And the file "~/holiday.cleaned.png" does not say "Alice"
