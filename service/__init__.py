"""The barcode backend: an Excel list in, a PDF of labels out."""
