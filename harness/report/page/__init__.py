"""One HTML page about a run, which opens from disk and reaches for nothing."""

from harness.report.page.render import render_page, write_page

__all__ = ["render_page", "write_page"]
