@logged-in
Feature: Git from the command line

  Background:
    Given a git server "git.example" with the repository "recipes", in it "tea.txt" that says "boil water"

  @task:commandline/git-https
  Scenario: Clone a repository over https
    When I run "git clone --quiet https://git.example/recipes"
    Then the file "~/recipes/tea.txt" says "boil water"

  @task:commandline/git-ssh
  Scenario: Clone a repository over ssh
    Given another computer "shell.example" where "carol" has the password "kettle"
    When I run "git clone --quiet carol@shell.example:recipes" with the password "kettle"
    Then the file "~/recipes/tea.txt" says "boil water"
