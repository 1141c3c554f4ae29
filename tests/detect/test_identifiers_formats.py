"""Formats that name themselves: machine readable zones, HL7, DICOM, medicines with their dose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.detect.finding import Document
from sensor.detect.scanners.identifiers import SCANNERS
from sensor.detect.validators.national.documents import mrz_digit

# ICAO 9303-4, appendix B; 9303-5 and -6 have the same holder.
TD3 = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
TD1 = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<"
CORE = "7408122F1204159"


def found(scanner: str, text: str | bytes, tag: str, end: int) -> list[str]:
    data = text.encode() if isinstance(text, str) else text
    return [
        data[item.start : item.end].decode("utf-8", "replace")
        for item in SCANNERS[scanner](Document(data), [(tag, end)])
    ]


@pytest.mark.parametrize(
    ("text", "span"),
    [
        (f"a {TD3} b", TD3),
        (f"a {TD1}\nb", TD1),
        (TD3.replace("\n", "\r\n"), TD3.replace("\n", "\r\n")),
        (TD3.replace("\n", "\\n"), TD3.replace("\n", "\\n")),
        # The second line alone, and other lines around it.
        (
            "x\nL898902C36UTO7408122F1204159ZE184226B<<<<<10\nno",
            "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
        ),
        (f"{'A' * 30}, {TD3[45:]}", TD3[45:]),
    ],
)
def test_zones(text, span):
    assert found("mrz", text, "core", text.index(CORE) + len(CORE)) == [span]


def test_no_zones():
    assert found("mrz", f"x {CORE} y", "core", 2 + len(CORE)) == []
    wrong = TD3.replace("F1204159", "F1204158")
    assert found("mrz", wrong, "core", wrong.index("F1204158") + 8) == []
    assert found("mrz", "7408122", "core", 7) == []
    assert mrz_digit("D23145890<<<<<") == "7"


PID = (
    "PID|1||44182^^^MED||DOE^EVE||19620320|F|||12 MAIN ST^^OAKVILLE|US|(206)3345232|| |M|C|"
    "400003403|536228726"
)


def test_hl7():
    expected = [
        "44182^^^MED",
        "DOE^EVE",
        "19620320",
        "12 MAIN ST^^OAKVILLE",
        "(206)3345232",
        "400003403",
        "536228726",
    ]
    assert found("hl7", PID, "pid", 4) == expected
    assert found("hl7", PID + "\\rPV1|x|y|z|12345|x", "pid", 4) == expected
    assert found("hl7", "NK1|1|DOE^JOHN|BRO", "nk1", 4) == ["DOE^JOHN"]
    assert found("hl7", "PID|" + "|" * 60 + "abc", "pid", 4) == []


@pytest.mark.parametrize(
    ("text", "word", "values"),
    [
        ("(0010,0010) PN [DOE^JANE]  # 8, 1", "(0010,0010)", ["DOE^JANE"]),
        ('"00100020": {"vr": "LO", "Value": ["MR-48213"]}', '"00100020"', ["MR-48213"]),
        ('"00100010": {"vr": "PN", "Value": [{"Alphabetic": "DOE^JANE"}]}', '"00100010"', ["DOE^JANE"]),
        ("(0010, 0020) Patient ID    LO: '48213'", "(0010, 0020)", ["48213"]),
        ("PatientName = DOE^JANE, x", "PatientName", ["DOE^JANE"]),
        ('"PatientID": "48213"', "PatientID", ["48213"]),
        ("(0010,0010) PN []", "(0010,0010)", []),
        ("(0010,0010) PN [   ]", "(0010,0010)", []),
    ],
)
def test_dicom(text, word, values):
    assert found("dicom", text, "tag", text.index(word) + len(word)) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("The patient takes metformin 500 mg daily", ["metformin 500 mg"]),
        ("he is on metformin\n500 mg", []),
        ("my metformin dose is 850mg/day", ["metformin dose is 850mg/day"]),
        ("metformin 500 mg per tablet in each box", []),
        ("a patient with metformin", []),
    ],
)
def test_medicines(text, values):
    assert found("drug", text, "health.drug", text.index("metformin") + 9) == values


@given(st.sampled_from(["mrz", "dicom", "drug", "hl7"]), st.binary(max_size=120), st.integers(0, 120))
def test_any_bytes(scanner, data, end):
    """Whatever stands around a hit: spans inside the bytes."""
    tag = "pid" if scanner == "hl7" else "x"
    for item in SCANNERS[scanner](Document(data), [(tag, min(end, len(data)))]):
        assert 0 <= item.start < item.end <= len(data)
