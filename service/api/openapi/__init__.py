"""The OpenAPI 3.1 document of the upload API: nothing in, the document as JSON values out. Tests hold every answer against it."""

from service.api.openapi.document import document

__all__ = ["document"]
