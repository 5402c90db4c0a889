"""Drawings of RNA structures as self-contained SVG: arc diagram, circle plot, mountain plot.

In each, a window of the sequence (`first` to `last`, from 0, half open; none: all of it) is drawn to scale, and a pair
of which only one end is in the window is seen to leave it. Positions on the drawing count from 1; besides them only
the title and numbers are written, so that a drawing reads in every language.

A pointer finds the nucleotide below it by arithmetic from the attributes of the svg element, in units of its viewBox:
`data-first + floor((x - data-left) / (data-right - data-left) * (data-last - data-first))`; on a circle, with the angle
from the top clockwise around (data-cx, data-cy), `data-first + floor(angle / 360 * (data-last - data-first))`, where
data-r is the radius.
"""

from bianque.treat.rna.drawing_arcs import arc_diagram
from bianque.treat.rna.drawing_circle import circle_plot
from bianque.treat.rna.drawing_mountain import mountain_plot
from bianque.treat.rna.picture import Picture

__all__ = ["Picture", "arc_diagram", "circle_plot", "mountain_plot"]
