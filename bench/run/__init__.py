"""One run, from its first step to its verdicts.

`prepared.py` looks everything up that its results will hang on. `runner.py` interprets the steps of a method: `load.py`
alone commands the load, `observer.py` measures, `asker.py` asks people (by `desk.py`) and meters, `spans.py` writes
down what was seen. `under_way.py` is what they share, and where a run waits; `progress.py` keeps what the page shows.
"""
