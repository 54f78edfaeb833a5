@desktop-ready @task:start/jobs
Feature: What the system does every hour
  Nobody asks for it, and yet it asks for files: a policy that never saw it refuses them. Cron is the desktop image's.

  Scenario: Cron runs the jobs of an hour
    When the clock moves on to "tomorrow 22:16:50"
    Then the journal then says "run-parts --report /etc/cron.hourly"
    And the journal then says "pam_unix(cron:session): session closed for user root"
    And nothing is being started any more
