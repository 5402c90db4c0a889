"""The exercise: a seeded synthetic province whose truth is known.

`draw_exercise` makes one from a seed, `write_exercise` puts it into a folder; `write_population` adds its people.
"""

from bianque.drill.exercise import Exercise, draw_exercise
from bianque.drill.folder import write_exercise
from bianque.drill.population import write_population

__all__ = ["Exercise", "draw_exercise", "write_exercise", "write_population"]
