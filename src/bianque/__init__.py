"""Bianque 扁鹊: a platform for public-health emergencies. Predict, control, treat, recover, safely."""

from importlib.metadata import version

__version__ = version("bianque")
