"""The metrological core: numbers in, numbers out.

Nothing here touches a device, reads a clock, opens a database or logs. Everything a result depends on
is an argument, so a run that was recorded years ago gives the same digits again.

Read `alignment.py` first: it is the heart of the product.
"""
