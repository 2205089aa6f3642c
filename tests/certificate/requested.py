"""A request for a certificate, as a technician writes it."""

from __future__ import annotations

from bench.certificate.request import Request, parse_request

REQUEST = """
received_on = "2026-01-01"
deviations = ""

[customer]
name = "王芳 Wang Fang"
address = "1 Lake Road, Hangzhou 杭州市湖滨路 1 号"

[meter]
manufacturer = "Example Meters"
model = "DDS-1"
condition = "seals whole, housing scratched"
"""


def request(text: str = REQUEST) -> Request:
    return parse_request(text, "request.toml")
