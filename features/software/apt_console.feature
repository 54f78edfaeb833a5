@logged-in @slow
Feature: Additional software from the command line

  @task:software/install @task:software/upgrade @task:software/remove
  Scenario: Install a package, upgrade it and remove it
    Given the package repository offers the package "kettle", version "1.0", that says "I am a kettle"
    And an administration password is set
    When I run "apt-get -q update" as administrator
    And I run "apt-get -q -y install kettle" as administrator
    And I run "kettle"
    Then the output is "I am a kettle"
    When the package repository offers the package "kettle", version "2.0", that says "I am a better kettle"
    And I run "apt-get -q update" as administrator
    And I run "apt-get -q -y upgrade" as administrator
    And I run "kettle"
    Then the output is "I am a better kettle"
    When I run "apt-get -q -y remove kettle" as administrator
    And I try "kettle"
    Then it is refused
