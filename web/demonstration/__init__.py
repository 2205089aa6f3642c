"""A made-up year of the service, for `bench demo --full`: every page has something on it before anybody did anything.

It is played through the functions of casework, of the service and of the handbook by a clock that goes from thirteen
months ago up to now, so every rule holds and every history verifies. Customers, addresses, meters and what people say
are invented and look so; every case is marked (`web/casework/made_up.py`). What a bench would hold is not made up: the
cases name runs that no bench has, and no case is left as if its customer were standing at the bench.

stage.py       the clock, and stories that go on in turns
world.py       who takes part, which days are worked on, which appointments are free
words.py       what people say (words.toml)
meters.py      types of meters, their plans and what a test would have shown
visits.py      the visit of a case, from the customer's coming to the explanation
cases.py       a case around it, from the application to the last follow-up
asked.py       requests of all departments
knowing.py     self-checks, the handbook's questions, its periods, areas and their departments
steering.py    measures, targets, thanks, what makers are asked
filling.py     all of it together; `python -m web.demonstration` does it in a process of its own
"""
