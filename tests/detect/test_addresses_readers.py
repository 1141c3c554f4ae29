"""The readers behind the address scanner, one place at a time: what each takes and what it refuses."""

from __future__ import annotations

import pytest

from sensor.detect.scanners.addresses import places, streets
from sensor.detect.scanners.addresses.join import fields_behind, join
from sensor.detect.scanners.addresses.names import ONLY_STREET, STREET, Core, number_behind, segment
from sensor.detect.scanners.addresses.patterns import patterns

HIT = "¦"
"""Where the gate's match ends in a case."""
LOOK = patterns()

READ = [
    (streets.english, "12 High Street¦", "12 High Street"),
    (streets.english, "100 kvinnor st¦år", None),
    (streets.english, "12, Quick Brown Park¦", None),
    (streets.english, "3 big of the street¦", None),
    (streets.english, "3 big red old street¦", None),
    (streets.english, "3 big park¦", None),
    (streets.english, "12 of Street¦", None),
    (streets.english, "12 Street¦", None),
    (streets.english, "12 Cheapside¦", "12 Cheapside"),
    (streets.english, "12 Main St¦ W. now", "12 Main St W."),
    (streets.english, "Figure 12 High Street¦", "12 High Street"),
    (streets.english, "2019 High Street¦ is", "2019 High Street"),
    (streets.english, "12 Main St¦, NW, x", "12 Main St, NW"),
    (streets.english, "7 local. 33rd Street¦", None),
    (streets.english, "nothing¦", None),
    (streets.english, "1234 Highway 5¦0 W", "1234 Highway 50 W"),
    (streets.name_first, "in der lindenstraße 5¦", "lindenstraße 5"),
    (streets.name_first, "x strasse 5¦", None),
    (streets.name_first, "Na str. 5¦", None),
    (streets.name_first, "Prof. Lindenstraße 5¦", "Lindenstraße 5"),
    (streets.name_first, "Alte Lindenstraße 5¦", "Alte Lindenstraße 5"),
    (streets.name_first, "Занимает Улица 5¦", None),
    (streets.name_first, "Арктика улица 5¦", "Арктика улица 5"),
    (streets.name_first, "Занимает улица 5¦", None),
    (streets.name_first, "Markt 5¦", "Markt 5"),
    (streets.name_first, "Spring 5¦", "Spring 5"),
    (streets.name_first, "no digit¦", None),
    (streets.name_first, "of 5¦", None),
    (streets.street_word, "Calle M¦ayor 5", "Calle Mayor 5"),
    (streets.street_word, "Calle A¦ B C D E F G H I J 5", "Calle A B C D E F G H"),
    (streets.street_word, "Square F¦oo 5, x", "Square Foo 5"),
    (streets.street_word, "Pl. F¦oo 5", "Pl. Foo 5"),
    (streets.street_word, "et al. F¦oo 5", None),
    (streets.street_word, "Str. F¦oo", None),
    (streets.street_word, "Via H¦TTP 2", None),
    (streets.street_word, "Via F¦oo 1984", None),
    (streets.street_word, "Rue F¦oo 1984", "Rue Foo 1984"),
    (streets.street_word, "493 av. J¦.-C.", None),
    (streets.street_word, "¦", None),
    (streets.street_word, "rua r¦euniu 37 mil", None),
    (streets.street_word, "calle m¦ayor, 5", "calle mayor, 5"),
    (streets.street_word, "rue d¦e ", None),
    (streets.street_word, "Retorno G¦uardado 258 613, x", "Retorno Guardado 258 613"),
    (streets.street_word, "Rua B¦oa Vista, 38660-554 Sales", "Rua Boa Vista"),
    (streets.street_word, "Rue G¦ambetta 75002 Paris", "Rue Gambetta"),
    (streets.street_word, "6889 ul. J¦asna 5", "6889 ul. Jasna 5"),
    (streets.corner, "corner of ¦Main and 5th", "corner of Main and 5th"),
    (streets.corner, "the corner of ¦Main and 5th", "the corner of Main and 5th"),
    (streets.corner, "corner of ¦the room", None),
    (streets.corner, "corner of ¦hoch street and low lane", "corner of hoch street and low lane"),
    (places.country, "37 Parva Domus, Pesconuovo, Latvia¦", "37 Parva Domus, Pesconuovo, Latvia"),
    (places.country, "37 Parva Domus, Pesconuovo, Nowhere¦", None),
    (places.country, "Domus, Pesconuovo, Latvia¦", None),
    (places.country, "Domus 1984, Pesconuovo, Latvia¦", None),
    (places.zip_code, "zip code is 3¦5238", "35238"),
    (places.zip_code, "postcode SW1A¦ 1AA", "SW1A 1AA"),
    (places.zip_code, "zip 3¦.12", None),
    (places.zip_code, "zip 1¦0115.5", None),
    (places.zip_code, "zip 3¦12", None),
    (places.town, "Korunní 810, Praha¦", "Korunní 810"),
    (places.town, "in Praha¦", None),
    (places.town, "of 5, Berlin¦", None),
    (places.town, "Foo 1984, Berlin¦", None),
    (places.box, "P.O. Box 1¦2", "P.O. Box 12"),
    (places.box, "Box¦", None),
    (places.by_code, "nothing¦", None),
    (places.by_code, "404-449-1026¦ Office", None),
    (places.by_code, "12345¦ the", None),
    (places.by_code, "130 e airline hgwy laplace la 70068¦", "130 e airline hgwy laplace la 70068"),
    (places.by_code, "foo bar la 70068¦", None),
    (places.by_code, "2019 of Foo la 70068¦", None),
    (places.by_code, "Lindenstraße 5, 2020¦ Hollabrunn", "Lindenstraße 5, 2020 Hollabrunn"),
    (places.by_code, "Foo 5, 2020¦ Hollabrunn", None),
    (places.by_code, "March 5, 1010¦ Wien", "1010 Wien"),
    (places.by_code, "Lindenhof 12\\n12345¦ Musterstadt", "Lindenhof 12\\n12345 Musterstadt"),
    (places.by_code, "Lindenhof 12\n\n\n12345¦ Aue", "12345 Aue"),
    (places.by_code, "H.No. 52, Kaur Zila, Ajmer 184412¦", "H.No. 52, Kaur Zila, Ajmer 184412"),
    (places.by_code, "No Foo 52, Kaur Zila, Ajmer 184412¦", "No Foo 52, Kaur Zila, Ajmer 184412"),
    (places.by_code, "x the 52, Kaur Zila, Ajmer 184412¦", "52, Kaur Zila, Ajmer 184412"),
    (places.by_code, "Chapter 52, Kaur Zila, Ajmer 184412¦", "Ajmer 184412"),
    (places.by_code, "Viaduto Luiza, 66, 64917787¦ Rocha", "Viaduto Luiza, 66, 64917787 Rocha"),
    (places.by_code, "x, 66, 64917787¦ Rocha", "64917787 Rocha"),
    (places.by_code, "x Foo 5 12345¦ Bar", "12345 Bar"),
    (places.by_code, "PO Box 5, Austin, TX 78701¦", "PO Box 5, Austin, TX 78701"),
    (places.by_code, "USS Foo\nFPO AP 12428¦", "USS Foo\nFPO AP 12428"),
    (places.by_code, "AP 12428¦", "AP 12428"),
    (places.by_code, "the Foo, AP 12428¦", "Foo, AP 12428"),
    (places.by_code, ", 12345¦ Aue", "12345 Aue"),
    (places.by_code, "New Mexico 87501¦", "New Mexico 87501"),
    (places.by_code, "\n\nSW1A 1AA¦", None),
    (places.by_unit, "5 Rosewood, Apt 4¦", "5 Rosewood"),
    (places.by_unit, "Thanks Rosewood 5, Apt 4¦", "Rosewood 5"),
    (places.by_code, "x Leeds SW1A 1AA¦", "Leeds SW1A 1AA"),
    (places.by_unit, "x, 4¦", None),
    (places.by_unit, "Apt 4¦", None),
    (places.by_unit, "the, Apt 4¦", None),
    (places.by_unit, ",Apt 4¦", None),
    (places.by_key, "Address: 5 Rosewood Tel 12¦", "5 Rosewood"),
    (places.by_key, "Address: Box 5¦", "Box 5"),
    (places.by_key, "İ İ Address: Box 5¦", "Box 5"),
    (places.by_key, "Address: Rosewood5¦", None),
    (places.by_key, "xAddress9 Address_: myaddress: Box 5¦", "Box 5"),
    (places.by_key, "Address: 127.0.0.1 x¦", None),
    (places.by_key, 'address: "¦', None),
    (places.by_key, "address: <1¦", None),
    (places.by_key, "address: " + "is in the very small 5 " * 3 + "¦", None),
    (places.by_key, "Address: Foo St. 5. Then more¦", "Foo St. 5. Then more"),
    (places.by_key, "Address: Foo Street. 5 Then¦", "Foo Street. 5 Then"),
    (places.by_key, "lives at ²¦", None),
    (places.by_key, "lives at 5 Rosewood, Leeds¦", "5 Rosewood"),
    (places.by_key, "lives at 5 Rosewood 7¦", "5 Rosewood 7"),
    (places.by_key, "woont Foo 5¦", "Foo 5"),
    (places.by_key, "lives at 5 the¦", None),
    (places.by_key, "lives at 5¦", None),
    (places.by_key, "lives at¦", None),
]


@pytest.mark.parametrize(
    ("reader", "case", "wanted"), READ, ids=[f"{read.__name__}:{case}" for read, case, _ in READ]
)
def test_what_a_reader_takes(reader, case: str, wanted: str | None) -> None:
    at = case.index(HIT)
    text = case.replace(HIT, "")
    core = reader(text, at, LOOK)
    assert (None if core is None else text[core.start : core.end]) == wanted


JOIN = [
    (
        "«12 Main St», Apt 1, Apt 2, Apt 3, Apt 4, Apt 5, Apt 6, Apt 7, Apt 8, Apt 9",
        "12 Main St, Apt 1, Apt 2, Apt 3, Apt 4, Apt 5, Apt 6, Apt 7, Apt 8",
    ),
    ("«12 Main Street»\n\n\nParis", "12 Main Street"),
    ("«12 Main St» 4 cats", "12 Main St"),
    ("«12 Main St» 1234 cats", "12 Main St"),
    ("«12 Main St», 12345-6 x", "12 Main St"),
    ("«12 Main St», 2019 Paris", "12 Main St, 2019 Paris"),
    ("«12 Main St» 2019AB", "12 Main St"),
    ("«Dorpsstraat 5», 's-Gravenhage", "Dorpsstraat 5, 's-Gravenhage"),
    ("«Dorpsstraat 5», 's", "Dorpsstraat 5"),
    ("«12 Main St», *x", "12 Main St"),
    ("«12 Main St», #5", "12 Main St, #5"),
    ("«12 Main St», #x", "12 Main St"),
    ("«12 Main St», (NY)", "12 Main St, (NY)"),
    ("«12 Main St», (x)", "12 Main St"),
    ("«12 Main St», (5557) Mendoza", "12 Main St, (5557) Mendoza"),
    ("«12 Main St», APO Box", "12 Main St, APO"),
    ("«12 Main St», APO AP 12345", "12 Main St, APO AP 12345"),
    ("«12 Main St», Ḁbc", "12 Main St"),
    ("«12 Main St», ªx", "12 Main St"),
    ("«12 Main St», Rose House, x", "12 Main St, Rose House"),
    ("«12 Main St»\nFooville", "12 Main St"),
    ("«12 Main St»\nFooville\n1 x", "12 Main St"),
    ("«12 Main St»\nabc\n12345", "12 Main St\nabc\n12345"),
    ("«12 Main St»\nabc\nx", "12 Main St"),
    ("«12 Main St»\nFooville\n*", "12 Main St"),
    ("«12 Main St»\nFooville\nGermany", "12 Main St\nFooville\nGermany"),
    ("«12 Main St»\nFooville\nthe", "12 Main St"),
    ("«12 Main St» Fooville", "12 Main St"),
    ("«12 Main St» US", "12 Main St US"),
    ("«12 Main St», Thanks", "12 Main St"),
    ("«12 Main St», Tel: 5", "12 Main St"),
    ("«12 Main St» Flat", "12 Main St"),
    ("«12 Main St», Col. Centro, x", "12 Main St, Col. Centro"),
    ("«12 Main St», col x", "12 Main St"),
    ("«12 Main St», C.P. 06000 Foo", "12 Main St, C.P. 06000 Foo"),
    ("«12 Main St», CP Foo", "12 Main St, CP"),
    ("«12 Main St», CH-8001 Foo", "12 Main St, CH-8001 Foo"),
    ("«12 Main St», Foo, Bar, Baz, x", "12 Main St, Foo, Bar"),
    ("«12 Main St», Foo Regards x", "12 Main St"),
    ("«12 Main St», 12345 Foo, Apt 5", "12 Main St, 12345 Foo"),
    ("«12 Main St», Germany 12345", "12 Main St, Germany 12345"),
    ("«12 Main St», Germany. The", "12 Main St, Germany"),
    ("«12 Main St», Springfield, IL x", "12 Main St, Springfield, IL"),
    ("«12 Main St», NSW x", "12 Main St, NSW"),
    ("«12 main st», springfield il 62704", "12 main st, springfield il 62704"),
    ("«12 main st» is it", "12 main st"),
    ("«12 Main St»,", "12 Main St"),
    ("«utca 5». Apt. 6", "utca 5. Apt. 6"),
    ("«utca 5». The", "utca 5"),
    ("«utca 5».", "utca 5"),
    ("at House, «12 Main St»", "12 Main St"),
    ("at Rose House, «12 Main St»", "Rose House, 12 Main St"),
    ("visit Berlin, «Lindenstraße 5»", "Berlin, Lindenstraße 5"),
    ("Berlin, «Lindenstraße 5»", "Berlin, Lindenstraße 5"),
    ("Foo, «Lindenstraße 5»", "Lindenstraße 5"),
    ("visit\nBerlin\n«Lindenstraße 5»", "Berlin\nLindenstraße 5"),
    ("to visit Berlin\n«Lindenstraße 5»", "Lindenstraße 5"),
    ("на с. Беломорск, «ул. Лесная 5»", "с. Беломорск, ул. Лесная 5"),
    ("Flat 3 «12 Main St»", "Flat 3 12 Main St"),
    ("2nd floor «12 Main St»", "2nd floor 12 Main St"),
    ("Item 3 «12 Main St»", "3 12 Main St"),
    (". 3 «12 Main St»", "12 Main St"),
    ("x, , «12 Main St»", "12 Main St"),
    ("A" * 60 + ", «12 Main St»", "12 Main St"),
    ("50667 Köln, «Lindenhof 5»", "50667 Köln, Lindenhof 5"),
    ("Flat 3, «12 Main St»", "Flat 3, 12 Main St"),
]


@pytest.mark.parametrize(("case", "wanted"), JOIN)
def test_what_is_joined_to_the_heart_of_an_address(case: str, wanted: str) -> None:
    start = case.index("«")
    end = case.index("»") - 1
    text = case.replace("«", "").replace("»", "")
    address = join(text, Core(start, end, 0.5, STREET), LOOK)
    assert text[address.start : address.end] == wanted


def test_a_street_without_a_number_needs_a_postal_code() -> None:
    text = "Via Roma, 20121 Milano"
    assert join(text, Core(0, 8, 0.3, ONLY_STREET), LOOK).score > 0.5
    assert join("Via Roma, Milano (MI), Italia", Core(0, 8, 0.3, ONLY_STREET), LOOK).score < 0.5


def test_at_most_seven_fields_are_read_behind_a_street() -> None:
    text = '12 Main St"' + "".join(f', "city": "x{number}"' for number in range(9))
    assert len(fields_behind(text, 10, LOOK)) == 7


NUMBERS = [
    (", 5", ", 5"), (" s/n", " s/n"), (" nº 5", " nº 5"), (" x", None), ("x", None), (" 5%", None), (" 5.5",
    None), (" 5x5", None),
    (" 16 de maio", None), (" 16 de Fevereiro de 1966", None), (" 5 de Foo", " 5"), (", 38660-554", None),
    (" 75002 Paris", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), NUMBERS)
def test_the_house_number_behind_a_name(text: str, wanted: str | None) -> None:
    found = number_behind(text, 0, LOOK)
    assert (None if found is None else text[: found[1]]) == wanted


def test_a_part_begins_behind_the_last_mark_that_is_no_abbreviation() -> None:
    assert segment("one, two", 0, 8, LOOK) == 4
    assert segment("Then. Two", 0, 9, LOOK) in (0, 5)
    assert segment("to St. Two", 0, 10, LOOK) == 0
    assert segment("nothing", 0, 7, LOOK) == 0
