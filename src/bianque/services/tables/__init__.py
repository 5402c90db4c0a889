"""The tables of a picture: one description each, shown on a page, in the report, and as CSV.

table       what a table is: columns, cells, order, CSV
words       the names and links its cells use
regions     regions today, a region day by day, its forecast
findings    signals, what was not assessed, change points, importation, published figures
intake      feeds, receipts, and the rows behind a figure
"""
