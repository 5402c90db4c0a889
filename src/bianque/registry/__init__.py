"""Identified records in rows, for action: people, accounts, audit. Only this room imports SQLAlchemy."""
