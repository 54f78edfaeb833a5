@logged-in @task:help/documentation
Feature: The documentation of programs

  Scenario: Read a manual page
    When I run "man --pager=cat mat2"
    Then the output says "metadata anonymisation toolkit"
