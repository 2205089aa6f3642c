"""What a household can find out by itself: its consumption, its tariff, its appliances, before anybody measures.

Numbers and keys only; the words stand where the pages are (`web/self_check/`, `web/consumption/`).

analysis.py                 all that is found in a list of energies: start here
series.py, days.py          the list; days as numbers
causes.py, argued.py        why the use is another one, ranked, with what speaks for and against
changes.py, fits.py         the models of a change, and how they are fitted
season.py, successive.py    what a year looks like; one change after another
nights.py                   what runs at night, where hours are known
tiers.py, tier_cause.py     a tiered tariff, and whether a dearer tier is behind a bill
appliances.py               power times hours
known_load.py, no_load_watch.py, found.py   the two checks at the meter, and what they can find
"""
