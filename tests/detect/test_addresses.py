"""Street addresses: what is found whole, what is left alone, and that any text gives spans inside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import signatures
from bench.detect.generate import addresses as generator
from sensor.detect.engine import Engine, build_table
from sensor.detect.finding import Document
from sensor.detect.gate import PlainGate
from sensor.detect.loading import DetectorFile, load
from sensor.detect.scanners.addresses import MAX_FRUITLESS, scan_addresses

FOLDER = Path(signatures.__file__).parent / "detectors" / "address"
DETECTORS = load(
    DetectorFile(f"address/{path.name}", path.read_text("utf-8"), path.name)
    for path in sorted(FOLDER.glob("*.yaml"))
)
TABLE = build_table(DETECTORS)


@pytest.fixture(scope="module")
def engine() -> Engine:
    """The address detectors alone, with the gate that needs no compiling."""
    return Engine(DETECTORS, table=TABLE, gate=PlainGate(TABLE.entries))


def found(engine: Engine, text: str, least: float = 0.5) -> list[str]:
    return [text[item.start : item.end] for item in engine.scan(text, min_score=least, views=False)]


WHOLE = [
    '{"to": "«Lindenhof 12\\n12345 Musterstadt»"}',
    # English
    "«742 Evergreen Terrace, Springfield, IL 62704»",
    "ship to «12 bis rue de la Paix, 75002 Paris» now",
    "I live at «12 main street».",
    "at «4500 N Oak Tree Blvd, Suite 200, Austin, TX 78701-1234, USA» today",
    "«1251 Avenue of the Americas 7th Floor New York, NY 10016»",
    "«1234 Highway 50 W» is far",
    "«412 First St., SE, Ste. 100, Washington, DC 20003»",
    "«2500 padre blvd # 27 south padre island tx 78597»",
    "«130 E Airline Hgwy Laplace LA 70068»",
    "«96 Cheapside, York»",
    "write to «Flat 3, Rose House, 10 High Street, London SW1A 1AA, UK» please",
    "at «86 The Crescent, Newcastle upon Tyne, NE2 7HZ»",
    "«Apartment 9, 63 O'Connell Street, Dublin 2, D02 AF30, Ireland»",
    "«70 York Street, Toronto, Ontario M5J 1S9, Canada»",
    "«Unit 5, 12 George Street, Sydney NSW 2000, Australia»",
    "«H.No. 52, Virk Circle, Udaipur 332050»",
    "«12766, Ring Road, New Delhi 110050, India»",
    "«221 Broadway, Suite 4»",
    "meet at «the corner of Main Street and 5th Avenue» at noon",
    "«PSC 5217, Box 4854\nAPO AP 43617»",
    "«USNS Saibara\nFPO AP 12428»",
    "«P.O. Box 1234, Austin, TX 78701»",
    "> «12 High Street\n> Leeds\n> LS1 4AP\n> United Kingdom»\n> Hello",
    "«12 Main St<br>Springfield, IL 62704»",
    # German
    "Er wohnt in der «Lindenstraße 5, 50667 Köln».",
    "Ich wohne «Am Alten Markt 5, 50667 Köln».",
    "«Mariahilfer Straße 98/22/22, A-1060 Wien, Österreich»",
    "Wohnung: «Berliner Str. 12a, 3. OG, 10115 Berlin»",
    "An «Postfach 10 05 32, 50667 Köln» bitte",
    "«Lindenhof 12, 12345 Musterstadt»",
    # French
    "au «38 bis rue du 8 Mai 1945, 76649 Le Havre Cedex» svp",
    "au «Rue de la Loi 16, bte 4, B-1000 Bruxelles, Belgique» chez nous",
    "«12 rue victor hugo» svp",
    # Spanish, Portuguese, Italian
    "en «Calle Mayor 5, 3º B, 28013 Madrid, España»",
    "en «Avenida 9 de Julio 492, Piso 28» hoy",
    "«Av. La Pampa N° 3360, Resistencia 3500, Chaco»",
    "«Bv. Oroño N° 8, (2056) Rosario, Argentina»",
    "«Cerrada Guanajuato 852 Interior 63, San Cristian, CHIS 23677»",
    "na «Rua das Flores, 123, 01310-100 São Paulo - SP»",
    "«Travessa de Costa, S/N, 2354-632 Santa Cruz»",
    "«Av. da Boavista 62, 2.º Esq., 4430-123 Vila Nova de Gaia»",
    "in «Via XX Settembre n. 63, 40199 Bologna (BO), Italia» oggi",
    "in «Via dell'Indipendenza, 15/B, 40121 Bologna»",
    # Dutch, Nordic
    "op «Burgemeester de Raadtsingel 119 hs, 5655 BW Eindhoven»",
    "«Dorpsstraat 709, 2515 YS  's-Gravenhage»",
    "på «Storgatan 3, lgh 1201, 111 22 Stockholm, Sverige»",
    "i «Maria Dehlis vei 15, 0585 Oslo»",
    "på «Vestergade 5, 2. tv, 1456 København K»",
    "«Mannerheimintie 67 A 25, 00551 Helsinki»",
    # Polish, Czech, Hungarian, Turkish, Russian
    "przy «ul. Długiej 5 m. 12, 00-238 Warszawa, Polska»",
    "na «pl. Wolności 3/4» dzisiaj",
    "«Dlouhá 12, 110 00 Praha 1»",
    "«Korunní 810, Praha»",
    "«75956 Rákóczi út 66. Apt. 268, Beder, Denmark 56905»",
    "«Atatürk Caddesi No: 452 D: 18, 07361 Kadıköy/Antalya, Türkiye»",
    "по адресу: «123456, г. Москва, ул. Ленина, д. 5, кв. 12»",
    "на «Невский проспект, 28» и",
    "«с. Беломорск, ул. 8 Марта, д. 45, 425988»",
    "«6889 ul. Jarzębinowa 5\nBUNDALAGUAH\n, VIC\n Australia 38837»",
    "return to «72134 Coronilla 3599\nNijmegen\n, GE\n Netherlands 62971» in case",
    "«5 Rosewood, Apt 4B»",
    "Adress: «Box 581»",
    "Address: «Rosewood 5, Upper End»",
    "domicilio: «Los Tilos 855 Of. 2214»",
]

PARTS = [
    (
        '{"street": "«10 Downing Street»", "city": "«London»", "zip": "«SW1A 2AA»", "x": 1}',
        "the fields of one address in JSON",
    ),
    ('{"street": "«10 High Street»", "number": «12», "active": true}', "a bare number in JSON"),
    ("Street: «12 Main St»\nCity: «Springfield»\nZIP: «62704»\nPhone: 1", "the lines of a form"),
    ("Wohnort: «50667 Köln»", "a postal code with its town beside a word"),
    ("He lives in «Springfield, IL 62704».", "a shape of one country alone"),
    ("from «12 High Street, Leeds» to «4 Mill Lane, York» last year", "two in a sentence"),
]

ALONE = [
    *generator.NEGATIVES,
    "Error 40412 Not Found, 12345 Requests",
    "7 local. 33rd Street next",
    "Il fut dédié en 493 av. J.-C. par Spurius",
    "Занимает площадь 900,483 км2.",
    "Och 100 kvinnor står varje morgon",
    "Na str. 1 gazety",
    "(Vila Nova de Gaia, 16 de maio de 1981) e (Vila Nova, 16 de Fevereiro de 1966)",
    "The company, 51 Franklin Street, Fifth Floor, Boston, MA  02110-1301, USA",
    "corrida de rua reuniu 37 mil atletas",
    "FURY: April 6, 1928 Good Friday\nKent: April 6, 1580 Wednesday",
    "dygnet runt.\nDe 200000 som föds",
    "404-449-1026 Office: soon",
    "Copyright 2010, 2012 Adobe Systems",
    "A1B 2C3",
]


@pytest.mark.parametrize("marked", WHOLE)
def test_an_address_is_found_from_its_first_character_to_its_last(engine: Engine, marked: str) -> None:
    before, value, after = marked.replace("»", "«").split("«")
    assert found(engine, before + value + after) == [value]


@pytest.mark.parametrize(("marked", "why"), PARTS, ids=[why for _, why in PARTS])
def test_the_parts_of_an_address_that_stand_apart(engine: Engine, marked: str, why: str) -> None:
    pieces = marked.replace("»", "«").split("«")
    assert found(engine, "".join(pieces)) == pieces[1::2]


@pytest.mark.parametrize("text", ALONE)
def test_numbers_beside_street_words_are_left_alone(engine: Engine, text: str) -> None:
    assert found(engine, text) == []


@pytest.mark.parametrize("code", sorted(generator.COUNTRIES))
def test_at_most_an_eighth_of_a_countrys_address_characters_survive(engine: Engine, code: str) -> None:
    """On the generator's texts, whose street names are not the scanner's."""
    left = total = 0
    for text, spans in generator.generate_country(code, 5, 25):
        hidden = {place for item in engine.scan(text, views=False) for place in range(item.start, item.end)}
        for start, end, kind in spans:
            assert kind == "street_address"
            total += end - start
            left += sum(place not in hidden for place in range(start, end))
    assert left <= total / 8


def test_the_generator_gives_the_same_for_the_same_seed() -> None:
    assert list(generator.generate(3, 40)) == list(generator.generate(3, 40))
    assert any(not spans for _, spans in generator.generate(3, 40))


def test_a_table_of_numbers_is_given_up() -> None:
    """Places that are no address are counted; after enough of them the rest of their kind is passed over."""
    rows = b"12345 Item\n" * (MAX_FRUITLESS + 50) + b"Hauptmann 5, 50667 Aue\n"
    hits = [("post", at + 7) for at in range(0, len(rows) - 20, 11)]
    hits.append(("post", len(rows) - 3))
    assert list(scan_addresses(Document(rows), hits)) == []
    assert len(list(scan_addresses(Document(rows), hits[-1:]))) == 1


PIECES = st.sampled_from(
    [
        "12", "5a", "10115", "SW1A 1AA", "IL 62704", "1015 CJ", "01310-100", "Main Street", "St",
        "Lindenstraße", "rue de la",
        "Calle", "ul. ", "ул. Ленина", "д. ", "P.O. Box 12", "Apt 4B", "Suite 2", "Berlin", "Köln",
        "Москва", ", ", "\n", " ",
        ". ", "; ", "|", '"', ": ", "address", "Address: ", '"street": "', "lives at ", "corner of ",
        " and ", "Via", "n. ",
        "ß", "é", "\ud800", "😀", "(", ")", "-", "/", "#", "No. ", "APO AP 12345", "c/o ", "Germany",
        "the",
        "December",
        "1984", "A", "'", "Straße", "platz ", "Sokak", "No:", "NSW 2000", "X", "123456", "of the", "Avenue",
    ]
)  # fmt: skip


@pytest.mark.slow
@given(st.lists(PIECES, max_size=14).map("".join), st.booleans())
@settings(deadline=None)
def test_any_text_gives_spans_inside_it_that_do_not_overlap(text: str, often: bool) -> None:
    """Every hit of every kind at every place: wrong about an address, perhaps, never about the text."""
    data = text.encode("utf-8", "surrogatepass")
    tags = [
        "en",
        "after",
        "before",
        "french",
        "box",
        "corner",
        "post",
        "unit",
        "key",
        "town",
        "country",
        "zip",
        "address.postcode_city",
    ]
    hits = [(tag, end) for end in range(1, len(data) + 1, 3 if often else 5) for tag in tags]
    last = 0
    for item in scan_addresses(Document(data), hits):
        assert last <= item.start < item.end <= len(data)
        assert 0 < item.score <= 1
        data[item.start : item.end].decode("utf-8", "surrogatepass")
        last = item.end


def test_a_name_ends_before_a_word_that_is_none():
    from sensor.detect.scanners.addresses.names import read_name
    from sensor.detect.scanners.addresses.patterns import patterns

    assert read_name("Victor Hugo Please call", 0, patterns(), 2) == (11, 2)
