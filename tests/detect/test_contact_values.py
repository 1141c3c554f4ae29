"""What a contact value must look like."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.detect.validators import contact
from sensor.detect.validators.contact import VALIDATORS, ip_score, is_tld, phone_plausible, phone_valid


@pytest.mark.parametrize(
    ("value", "holds"),
    [
        ("jane.doe@example.com", True), ('"a b"@example.org', True), ("x@müller.de", True),
        ("x@a.b.museum", True),
        ("x@example", False), ("x@1.2.3", False), ("x@a.nosuchtop", False), ("a b@c.de", False),
        ("x@例子.中国", True),
    ],
)  # fmt: skip
def test_email(value: str, holds: bool) -> None:
    assert contact.email(value) is holds


def test_last_labels() -> None:
    assert is_tld("DE") and is_tld("com") and is_tld("xn--p1ai") and is_tld("рф")
    assert not is_tld("d1") and not is_tld("png") and not is_tld("xn--")


@pytest.mark.parametrize(
    ("value", "holds"),
    [
        ("3c:52:82:4f:a1:0e", True),
        ("00:00:00:00:00:00", False),
        ("00:11:22:33:44:55", False),
        ("3c:52", False),
    ],
)
def test_mac(value: str, holds: bool) -> None:
    assert contact.mac(value) is holds


@pytest.mark.parametrize(
    ("value", "score"),
    [
        ("81.169.145.66", 0.85), ("10.1.2.3", 0.75), ("127.0.0.1", 0.2), ("0.0.0.0", 0.2), ("255.255.255.0",
        0.2), ("224.0.0.1", 0.2),
        ("0.1.2.3", 0.2), ("8.8.8.8", 0.2), ("192.0.2.1", 0.3), ("2001:db8::1", 0.3), ("2a01:4f8::1", 0.85),
        ("fe80::1", 0.7),
        ("::1", 0.2), ("300.1.1.1", None), ("x", None),
    ],
)  # fmt: skip
def test_how_telling_an_address_is(value: str, score: float | None) -> None:
    assert ip_score(value) == score


@pytest.mark.parametrize(
    ("value", "holds"),
    [
        ("52.52, 13.40", True),
        ("91.5, 13.4", False),
        ("52, 13", False),
        ("52.5", False),
        ("0.5, 0.25", False),
        ("-33.9,151.2", True),
    ],
)
def test_coordinates(value: str, holds: bool) -> None:
    assert contact.coordinates(value) is holds


@pytest.mark.parametrize(
    ("value", "holds"),
    [
        ("+49 (0)30 1234567", True), ("0049 30 1234567", True), ("+1 555 123 4567", True), ("+999 12345678",
        False), ("+49 1", False),
        ("+1 111 111 1111", False),
    ],
)  # fmt: skip
def test_international_numbers(value: str, holds: bool) -> None:
    assert phone_plausible(value) is holds
    assert VALIDATORS["phone"](value) is holds


def test_of_national_numbers_it_cannot_say() -> None:
    assert VALIDATORS["phone"]("030 1234567") is None


def test_the_library_is_asked_for_what_no_table_tells() -> None:
    contact.warm()
    assert phone_valid("+493012345678")
    assert not phone_valid("+12") and not phone_valid("x") and not phone_valid("")


@pytest.mark.parametrize(
    ("number", "holds"),
    [
        ("02079460958", True),
        ("0612345678", True),
        ("0791234567", True),
        ("0000000000", False),
        ("12079460958", False),
        ("0612", False),
        ("06123456789012", False),
        ("0151234567x", False),
    ],
)
def test_national_numbers_are_told_by_the_plans_of_their_regions(number: str, holds: bool) -> None:
    assert contact.phone_national(number) is holds


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        ("db01.prod.corp", None), ("wiki.acme.internal", None), ("db-1.internal", None),
        ("DC01.corp.local", None),
        ("self.internal", False), ("torch.internal", False), ("com.sun.internal", False),
        ("fooBar.x.internal", False),
        ("kubernetes.default.svc.cluster.local", False), ("svc.cluster.local", False),
        ("pay.prod.svc.cluster.local", None),
    ],
)  # fmt: skip
def test_attributes_and_packages_are_no_hosts(name: str, holds: bool | None) -> None:
    assert VALIDATORS["internal_host"](name) is holds


@pytest.mark.parametrize("value", ["1.2.3", "1.2.3.256", "01.2.3.4", "1.2.3.4.5", "", "1.2.3.x"])
def test_what_is_no_address_has_no_score(value: str) -> None:
    assert ip_score(value) is None


def test_every_calling_code_of_the_library_is_known() -> None:
    """The own table is a copy of facts: it must not fall behind the library's."""
    assert set(contact.CALLING_CODES) == {str(code) for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE}
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        example = phonenumbers.example_number(region)
        if example is not None:
            text = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
            assert phone_plausible(text), text


@given(st.text(max_size=40), st.sampled_from(sorted(VALIDATORS)))
def test_any_text_is_answered(value: str, name: str) -> None:
    assert VALIDATORS[name](value) in (True, False, None)
    assert ip_score(value) is None or 0 <= (ip_score(value) or 0) <= 1
