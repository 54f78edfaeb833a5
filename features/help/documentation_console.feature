@console-ready @task:help/documentation
Feature: The documentation of programs

  Scenario: Read a manual page
    Given I am logged in on the text console
    When I run "man --pager=cat mat2"
    Then the output says "metadata anonymisation toolkit"
