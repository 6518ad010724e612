"""Makes any aiohttp backend watch itself: logs, traces, metrics, stage journal, supervisor, detector. Knows no barcodes."""
