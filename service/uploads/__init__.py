"""The pipeline: one file a stage. A workbook in, verdicts and a PDF of labels out.

`receive` runs while the request does; the others are the steps of a durable job, which `pipeline.process` runs in this order.
"""

from service.uploads.check import check
from service.uploads.draw import draw
from service.uploads.publish import publish
from service.uploads.read import read
from service.uploads.receive import receive
from service.uploads.verify import verify

PIPELINE = (receive, read, check, draw, verify, publish)

__all__ = ["PIPELINE", "check", "draw", "publish", "read", "receive", "verify"]
