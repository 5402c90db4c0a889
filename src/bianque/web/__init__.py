"""The command centre: pages, their JSON and CSV, and what refreshes them."""
