"""Signals in, estimates out: pure functions on arrays of days × regions, where NaN is unknown and never zero.

series         the shape all of them share: checks, trailing windows, reasons why a cell is not assessed
growth         daily new counts, growth rate and doubling time
reproduction   the instantaneous reproduction number (Cori et al. 2013)
detect         is today's count above what the last days explain?  (EARS C1, C2, C3)
changepoint    was a day counted by another rule?
forecast       the next days: flat baseline and renewal equation
score          how good were forecasts and rankings?
importation    who receives infected travellers?
"""
