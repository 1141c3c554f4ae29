"""
Checksums and other hard proofs of a value, by name.

A module is imported when one of its proofs is asked for. Those that are not named here are looked for in
``national`` first.
"""

from __future__ import annotations

from sensor.detect.finding import Validator
from sensor.detect.lazily import Shelf

__all__ = ["VALIDATORS"]

VALIDATORS: Shelf[Validator] = Shelf(
    "VALIDATORS",
    {
        "sensor.detect.validators.national": "",
        "sensor.detect.validators.checksums": "aba base58check bankgiro be_ogm bech32 card_track cbu ccc"
        " clabe creditor_id cusip cz_account damm eip55 esr figi iban iccid imei isin iso11649"
        " iso7064_mod_11_10 iso7064_mod_11_2 iso7064_mod_37_2 iso7064_mod_37_36 iso7064_mod_97_10 lei luhn"
        " monero_shape no_account nrb nz_account payment_card ripple sedol solana verhoeff",
        "sensor.detect.validators.secrets": "age_checksum aws_key_id basic_credentials github_crc grafana_crc"
        " jwt_header secret_dropbox secret_not_words secret_random secret_shape secret_tail_random"
        " wif_checksum",
        "sensor.detect.validators.contact": "coordinates email internal_host mac phone",
    },
)
"""By the name that a detector file gives under ``validator:``."""
