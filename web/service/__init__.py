"""One service over all departments: what customers ask, whose it is, what was kept of what was promised.

No page is in here, and no figure is stored that can be computed: indicators are read from the rows of the month.

model.py          what a request is made of
rows.py           requests as the file has them, and their history
requests.py       every request of a customer, from the first word to an end with an answer or a reason
hand_offs.py      from one department to another, accepted by whoever receives it
items.py          requests and verification cases in one list
departments.py    the editable list of them
months.py         a month by the days of this place
facts.py          what the figures are made of, read once
figures.py        a figure with its number of answers
indicators.py     the figures of a month, each with its definition and its number of answers
promises_kept.py  each promise of the published list against what happened
meter_types.py    verdicts and errors by the type of meter, so that no meter can be told
maker_errors.py   errors by type and load point, for whoever made the type
makers.py         makers of meters: their types, questions to them and replies
expectations.py   what was expected before and experienced after
measures.py       what is tried next month, and whether last month's worked
targets.py        what is aimed at, and the result of each person and team
kudos.py          thanks
"""
