"""A run on disk: schema, writer, reader. The format is described in docs/record.md."""

from harness.record.drains import Drain, read_drains
from harness.record.naming import scenario_id
from harness.record.reader import RecordedCheckpoint, RecordedScenario, Run
from harness.record.scenario_writer import ScenarioWriter
from harness.record.schema import Manifest, Process, RuleProvenance
from harness.record.shipped import ShippedPolicy
from harness.record.writer import CheckpointWriter, RunWriter

__all__ = [
    "CheckpointWriter",
    "Drain",
    "Manifest",
    "Process",
    "RecordedCheckpoint",
    "RecordedScenario",
    "RuleProvenance",
    "Run",
    "RunWriter",
    "ScenarioWriter",
    "ShippedPolicy",
    "read_drains",
    "scenario_id",
]
