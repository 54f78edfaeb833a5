"""Step definitions: a sentence of a person turned into one or two verbs of `harness.user`."""
