@console-ready @task:start/jobs
Feature: What the system does every day
  As for every hour: nobody asks for it. These are timers of systemd that every Debian has.

  Scenario: Timers run the jobs of a day
    When the clock moves on to "tomorrow 23:30"
    Then the journal then says "Finished dpkg-db-backup.service"
    And nothing is being started any more
