"""A key whose file was damaged so that it still can be read seals nothing."""

from __future__ import annotations

import dataclasses

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from bench.certificate.pades import sign_pdf
from bench.errors import OperatorError
from bench.keys.seal_keys import SealKeys
from tests.certificate.made_up import certificate
from tests.certificate.sealing import WHEN, plain_pdf


def test_a_signature_that_its_own_key_does_not_verify_is_refused(seal_keys: SealKeys) -> None:
    private = seal_keys.pdf.private
    assert isinstance(private, rsa.RSAPrivateKey)
    whole = private.private_numbers()
    parts = {name: getattr(whole, name) for name in ("p", "q", "d", "dmp1", "dmq1", "iqmp")}
    parts["d"] ^= 2
    parts["dmp1"] ^= 2  # one alone OpenSSL makes up for by the other
    numbers = rsa.RSAPrivateNumbers(**parts, public_numbers=whole.public_numbers)
    damaged = dataclasses.replace(
        seal_keys.pdf, private=numbers.private_key(unsafe_skip_rsa_key_validation=True)
    )
    with pytest.raises(OperatorError, match="the key of the PDF is damaged"):
        sign_pdf(plain_pdf(certificate(), b"<x/>"), damaged, WHEN)
