"""User tasks in Gherkin, a folder an area."""
