"""How the approved notebooks are compared: by the text they show.

The copies hold nothing else, while running them again also makes the same exhibits as HTML and as
records, which are left out of the comparison here.
"""

from nbval.plugin import IPyNbFile

from crmresearch.report.exhibits import MIME


def pytest_collectstart(collector) -> None:
    if isinstance(collector, IPyNbFile):
        collector.skip_compare += ("text/html", "text/markdown", MIME)
