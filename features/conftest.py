"""Loads the plugin and the vocabulary when pytest is pointed at the features."""

pytest_plugins = (
    "harness.plugin",
    "steps.computer",
    "steps.console",
    "steps.desktop",
    "steps.administration",
    "steps.chat",
    "steps.drives",
    "steps.files",
    "steps.mail",
    "steps.printing",
    "steps.refusal",
    "steps.services",
    "steps.sound",
    "steps.tor",
)
