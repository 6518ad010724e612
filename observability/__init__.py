"""Makes any aiohttp backend watch itself: logs, traces, metrics, stage journal, supervisor and detector. Knows nothing of barcodes."""
