"""One run, from its first step to its verdicts.

`runner.py` interprets the steps of a method and alone commands the load; `observer.py` measures; `progress.py` keeps
what the page shows; `desk.py` asks people.
"""
