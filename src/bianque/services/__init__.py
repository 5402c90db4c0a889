"""Use cases, one per module: load, compute, save. Services on aggregates take no authority."""
