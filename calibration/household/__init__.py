"""What a household can find out by itself: its consumption, its tariff, its appliances, before anybody measures.

Numbers and keys only; the words stand where the pages are.
"""
