"""De-identified facts in columns: ingest with receipts, versions with reference and known-at dates, as-of queries."""
