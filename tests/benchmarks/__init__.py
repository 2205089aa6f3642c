"""Measurements of the product: `./dev bench NAME` runs one of these modules. None of them is a test."""
