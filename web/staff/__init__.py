"""The pages of verifiers and checkers: signing in, my work, and the console that a case is run by.

next_act.py     how a case stands -> the one next action (pure table)
plan_table.py   the plan and how each point stands (pure)
health.py       the health of every input (pure)
"""
