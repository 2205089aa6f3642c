"""What customers ask, and what is answered to all of them: the handbook and the cycle that keeps it true.

No page is in here. Plan, do, check, act: a period has an aim; in it questions are collected, studied, answered and
published; its review looks at what was published and at whether it helped, and opens the next.

model.py       questions, answers and periods, and what they can be
rows.py        their rows in the file
questions.py   what is asked, how often and where; who studies it until when
answers.py     editions in both languages, their publishing and withdrawing
readers.py     "did this settle your doubt?"
figures.py     the figures of an answer, computed where it is shown
shipped.py     the answers that came with the program (handbook.toml)
search.py      finding an answer by a few words
periods.py     the cycle
"""
