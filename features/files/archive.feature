@logged-in @task:files/archive
Feature: Archives

  Scenario: Pack files and unpack them elsewhere
    When I run "mkdir papers && echo 'first page' > papers/one.txt"
    And I run "tar -czf papers.tar.gz papers"
    And I run "mkdir unpacked && tar -xzf papers.tar.gz -C unpacked"
    Then the file "~/unpacked/papers/one.txt" says "first page"
