"""The bundle of an evaluation: figures as JSON and CSV, charts as SVG, a page, and a card of the model."""

from automation.report.evaluation.bundle import FILES, write_bundle

__all__ = ["FILES", "write_bundle"]
