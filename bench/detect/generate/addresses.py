"""
Labelled texts with postal addresses of twenty-six countries: sentences, chats, letters, forms, JSON, CSV.

Street names, towns and postal codes are put together here from each country's usual parts; they are not taken
from the detector's word lists, and a house that really stands at one of them does so by chance.
``generate_with_faker`` fills the same frames with Faker's addresses, an independent second source for
development. A quarter of the texts are hard negatives: numbers beside street words that are no address.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

__all__ = ["COUNTRIES", "FAKER_LOCALES", "NEGATIVES", "generate", "generate_country", "generate_with_faker"]

Labelled = tuple[str, list[tuple[int, int, str]]]
"""A text, and (start, end, type) of each address in it, in code points."""
KIND = "street_address"


class Country(NamedTuple):
    """What the addresses of a country are made of."""

    language: str
    streets: tuple[str, ...]
    towns: tuple[tuple[str, str], ...]
    """(town, shape of its code): ``#`` a digit, ``@`` a capital, ``&`` one that an Eircode may have."""
    line: tuple[str, ...]
    """Street lines: ``{s}`` street, ``{n}`` number, ``{u}`` a small number, ``{l}`` a letter."""
    tail: tuple[str, ...]
    """What stands on the next line: ``{t}`` town, ``{c}`` code, ``{r}`` region; ``|`` begins another line."""
    names: tuple[str, ...]
    """The country as its mail writes it."""
    regions: tuple[str, ...] = ("",)


_FIRST = (
    "Oak", "Maple", "Cedar", "Washington", "Lincoln", "Jefferson", "Park", "Lake", "Hill", "Sunset", "Mill",
    "River", "Church", "Walnut", "Highland", "Meadow", "Willow Creek", "Martin Luther King Jr", "Chestnut",
    "Ridge", "Franklin", "Pleasant", "Elm",
)  # fmt: skip

_US_STREETS = tuple(
    f"{name} {kind}"
    for name in _FIRST
    for kind in (
        "Street", "St", "Ave", "Avenue", "Rd", "Lane", "Dr", "Drive", "Blvd", "Court", "Way", "Pl",
        "Circle", "Terrace",
    )
)  # fmt: skip

COUNTRIES: dict[str, Country] = {
    "us": Country(
        "en",
        (*_US_STREETS, "N 5th St", "W 42nd Street", "E Main St", "SW 8th Ave", "County Road 12",
         "Highway 61", "Old Post Rd"),
        (
            ("Springfield", "627##"), ("Austin", "787##"), ("New York", "100##"), ("San Diego", "921##"),
            ("Portland", "972##"), ("Saint Paul", "551##"), ("Baton Rouge", "708##"), ("Boise", "837##-####"),
            ("Fort Collins", "805##"), ("Albany", "122##"),
        ),
        (
            "{n} {s}", "{n} {s}", "{n} {s}, Apt {u}{l}", "{n} {s} #{u}", "{n} {s}, Suite {n}",
            "{n} {s} Unit {u}", "P.O. Box {n}", "{n} {s}, 2nd Floor",
        ),
        ("{t}, {r} {c}", "{t}, {r} {c}", "{t} {r} {c}", "{t}, {r}"),
        ("USA", "United States", "", "", ""),
        ("IL", "TX", "NY", "CA", "OR", "MN", "LA", "ID", "CO"),
    ),
    "gb": Country(
        "en",
        (
            "High Street", "Station Road", "Church Lane", "Victoria Road", "Green Lane", "Manor Road",
            "The Crescent", "Queens Drive", "Mill Close", "Kings Avenue", "Park Terrace", "Bishopsgate",
            "Albert Square", "Oxford Gardens", "Meadow Way", "Castle Mews", "Sandringham Grove",
            "St John's Hill", "Nelson Place", "Orchard Rise", "Cheapside", "Beech Walk",
        ),
        (
            ("Leeds", "LS# #@@"), ("Manchester", "M## #@@"), ("London", "SW#@ #@@"), ("London", "E# #@@"),
            ("Bristol", "BS# #@@"), ("Milton Keynes", "MK# #@@"), ("Stoke-on-Trent", "ST# #@@"),
            ("York", "YO## #@@"), ("Newcastle upon Tyne", "NE# #@@"),
        ),
        (
            "{n} {s}", "{n} {s}", "Flat {u}, {n} {s}", "{n}{l} {s}", "Rose Cottage, {n} {s}",
            "Unit {u}, {n} {s}", "Ground Floor, {n} {s}",
        ),
        ("{t}|{c}", "{t} {c}", "{t}, {c}", "{t}"),
        ("UK", "United Kingdom", "England", "", "", ""),
    ),
    "ie": Country(
        "en",
        (
            "Main Street", "O'Connell Street", "Patrick Street", "Shop Street", "The Quay", "Mill Road",
            "Castle Park", "Grafton Street", "Church View", "Abbey Lane",
        ),
        (("Dublin 2", "D02 &&##"), ("Cork", "T12 &##&"), ("Galway", "H91 &##&"), ("Limerick", "V94 &#&#")),
        ("{n} {s}", "Apartment {u}, {n} {s}"),
        ("{t}, {c}", "{t}|{c}", "{t}"),
        ("Ireland", "", ""),
    ),
    "ca": Country(
        "en",
        (
            "Yonge Street", "King St W", "Maple Avenue", "Bay Street", "Robson St", "Jasper Ave",
            "Lakeshore Rd E", "rue Sainte-Catherine Ouest", "boulevard Saint-Laurent", "chemin du Lac",
            "Elgin Crescent",
        ),
        (
            ("Toronto", "M#V #A#"), ("Vancouver", "V#B #C#"), ("Calgary", "T#P #G#"), ("Montréal", "H#X #Y#"),
            ("Halifax", "B#H #K#"),
        ),
        ("{n} {s}", "{u}-{n} {s}", "{n} {s}, Unit {u}", "{n} {s}, Suite {n}"),
        ("{t}, {r} {c}", "{t} {r} {c}", "{t}, {r}|{c}"),
        ("Canada", "", ""),
        ("ON", "BC", "AB", "QC", "NS"),
    ),
    "au": Country(
        "en",
        (
            "George Street", "Collins St", "Pitt Street", "Ocean Parade", "Banksia Crescent", "Wattle Grove",
            "Murray Rd", "Esplanade", "Flinders Lane", "Koala Court",
        ),
        (
            ("Sydney", "20##"), ("Melbourne", "30##"), ("Brisbane", "40##"), ("Fremantle", "61##"),
            ("Alice Springs", "08##"),
        ),
        ("{n} {s}", "{u}/{n} {s}", "Unit {u}, {n} {s}", "Level {u}, {n} {s}"),
        ("{t} {r} {c}", "{t}, {r} {c}", "{t} {r} {c}"),
        ("Australia", "", ""),
        ("NSW", "VIC", "QLD", "WA", "NT"),
    ),
    "in": Country(
        "en",
        (
            "MG Road", "Park Street", "Nehru Marg", "Station Road", "Linking Road", "Gandhi Nagar",
            "Brigade Road", "Anna Salai", "Ring Road",
        ),
        (
            ("Mumbai", "4000##"), ("Bengaluru", "5600##"), ("New Delhi", "1100##"), ("Chennai", "6000##"),
            ("Pune", "4110##"),
        ),
        ("{n}, {s}", "{n} {s}", "Flat {u}, {n} {s}", "House No. {n}, {s}", "Plot {n}, {s}"),
        ("{t} {c}", "{t} - {c}", "{t}, {r} {c}"),
        ("India", "", ""),
        ("Maharashtra", "Karnataka", "Delhi", "Tamil Nadu"),
    ),
    "de": Country(
        "de",
        (
            "Lindenstraße", "Hauptstr.", "Bahnhofstraße", "Goetheweg", "Am Markt", "Berliner Allee",
            "Schillerplatz", "Kirchgasse", "Rosenweg", "Karl-Marx-Straße", "Lange Straße", "Mühlenring",
            "Im Winkel", "Friedrich-Ebert-Damm", "Elbchaussee", "Neuer Wall", "An der Alster",
        ),
        (
            ("Köln", "506##"), ("Berlin", "101##"), ("München", "803##"), ("Frankfurt am Main", "603##"),
            ("Bad Honnef", "536##"), ("Halle (Saale)", "061##"), ("Nürnberg", "904##"), ("Rostock", "180##"),
        ),
        (
            "{s} {n}", "{s} {n}", "{s} {n}{l}", "{s} {n}, 3. OG", "{s} {u}-{n}", "{s} {n}, Whg. {u}",
            "Postfach {n}",
        ),
        ("{c} {t}", "{c} {t}", "D-{c} {t}"),
        ("Deutschland", "Germany", "", "", ""),
    ),
    "at": Country(
        "de",
        (
            "Mariahilfer Straße", "Landstraßer Hauptstraße", "Getreidegasse", "Herrengasse", "Opernring",
            "Am Graben", "Linzer Gasse", "Seestraße",
        ),
        (
            ("Wien", "1#10"), ("Graz", "80##"), ("Salzburg", "50##"), ("Innsbruck", "60##"),
            ("St. Pölten", "31##"),
        ),
        ("{s} {n}", "{s} {n}/{u}/{u}", "{s} {n}, Top {u}", "{s} {n}, Stiege {u}"),
        ("{c} {t}", "A-{c} {t}"),
        ("Österreich", "", ""),
    ),
    "ch": Country(
        "de",
        (
            "Bahnhofstrasse", "Seefeldstrasse", "Rue du Rhône", "Kramgasse", "Via Nassa", "Rämistrasse",
            "Freie Strasse", "Chemin des Vignes",
        ),
        (
            ("Zürich", "80##"), ("Genève", "12##"), ("Bern", "30##"), ("Lugano", "69##"), ("Basel", "40##"),
            ("La Chaux-de-Fonds", "23##"),
        ),
        ("{s} {n}", "{s} {n}{l}"),
        ("{c} {t}", "CH-{c} {t}"),
        ("Schweiz", "Suisse", "", ""),
    ),
    "fr": Country(
        "fr",
        (
            "rue de la République", "avenue Victor Hugo", "boulevard Saint-Michel", "place du Marché",
            "chemin des Oliviers", "impasse des Lilas", "allée des Tilleuls", "rue du 8 Mai 1945",
            "quai de la Loire", "rue Jean-Jaurès", "route de Lyon", "cours Gambetta", "rue d'Alsace",
        ),
        (
            ("Paris", "750##"), ("Lyon", "690##"), ("Marseille", "130##"), ("Saint-Étienne", "420##"),
            ("Aix-en-Provence", "131##"), ("Le Havre", "766##"), ("Villeneuve-d'Ascq", "596##"),
        ),
        (
            "{n} {s}", "{n} {s}", "{n}, {s}", "{n} bis {s}", "{n} ter, {s}", "{n} {s}, Appt {u}",
            "Bât. {l}, {n} {s}", "BP {n}",
        ),
        ("{c} {t}", "{c} {t}", "{c} {t} Cedex"),
        ("France", "", "", ""),
    ),
    "be": Country(
        "fr",
        (
            "Rue de la Loi", "Avenue Louise", "Chaussée de Wavre", "Kerkstraat", "Meir", "Steenweg op Gent",
            "Place Communale", "Nieuwstraat", "Boulevard Anspach", "Koningin Astridlaan",
        ),
        (
            ("Bruxelles", "10##"), ("Antwerpen", "20##"), ("Liège", "40##"), ("Gent", "90##"),
            ("Louvain-la-Neuve", "13##"),
        ),
        ("{s} {n}", "{s} {n}, bte {u}", "{s} {n} bus {u}"),
        ("{c} {t}", "B-{c} {t}"),
        ("Belgique", "België", "", ""),
    ),
    "es": Country(
        "es",
        (
            "Calle Mayor", "Calle de Alcalá", "Avenida de la Constitución", "Plaza de España",
            "Paseo de Gracia", "C/ San Juan", "Avda. del Puerto", "Ronda de Toledo", "Camino Viejo",
            "Carrer de Balmes", "Travesía del Río", "Gran Vía",
        ),
        (
            ("Madrid", "280##"), ("Barcelona", "080##"), ("Sevilla", "410##"), ("Valencia", "460##"),
            ("San Sebastián", "200##"), ("León", "240##"),
        ),
        (
            "{s}, {n}", "{s} {n}", "{s} nº {n}", "{s}, {n}, 3º B", "{s} {n}, 2º izq.", "{s}, {n}, piso {u}",
            "Apartado de Correos {n}",
        ),
        ("{c} {t}", "{c} {t}", "{c}, {t}"),
        ("España", "", "", ""),
    ),
    "mx": Country(
        "es",
        (
            "Av. Insurgentes Sur", "Calle Hidalgo", "Paseo de la Reforma", "Calzada de Tlalpan",
            "Calle 5 de Mayo", "Privada de los Pinos", "Blvd. Kukulcán", "Avenida Juárez",
            "Calle Benito Juárez",
        ),
        (
            ("Ciudad de México", "060##"), ("Guadalajara", "441##"), ("Monterrey", "640##"),
            ("Puebla", "720##"), ("Mérida", "970##"),
        ),
        (
            "{s} {n}", "{s} No. {n}", "{s} #{n}", "{s} {n}, Int. {u}", "{s} {n}, Col. Centro",
            "{s} {n} Depto. {u}",
        ),
        ("{c} {t}", "C.P. {c} {t}", "{c} {t}, {r}"),
        ("México", "", ""),
        ("CDMX", "Jal.", "N.L."),
    ),
    "ar": Country(
        "es",
        (
            "Av. Corrientes", "Calle Florida", "Avenida 9 de Julio", "Av. Rivadavia", "Calle San Martín",
            "Bv. Oroño", "Pasaje Dardo Rocha",
        ),
        (("Buenos Aires", "C10##AAB"), ("Rosario", "20##"), ("Córdoba", "50##"), ("Mendoza", "55##")),
        ("{s} {n}", "{s} {n}, Piso {u}", "{s} {n}, 4º B", "{s} N° {n}"),
        ("{c} {t}", "{t}", "({c}) {t}"),
        ("Argentina", "", ""),
    ),
    "it": Country(
        "it",
        (
            "Via Roma", "Via Giuseppe Garibaldi", "Corso Vittorio Emanuele II", "Piazza del Duomo",
            "Viale dei Mille", "Vicolo Stretto", "Via XX Settembre", "Largo Augusto", "Strada Statale",
            "Via dell'Indipendenza", "Via S. Maria",
        ),
        (
            ("Milano", "201##"), ("Roma", "001##"), ("Torino", "101##"), ("Reggio nell'Emilia", "421##"),
            ("Bologna", "401##"), ("L'Aquila", "671##"),
        ),
        ("{s} {n}", "{s}, {n}", "{s} n. {n}", "{s}, {n}/{l}", "{s} {n}, int. {u}", "{s} {n}, scala B"),
        ("{c} {t}", "{c} {t} ({r})", "{c} {t} {r}", "{t}"),
        ("Italia", "", "", ""),
        ("MI", "RM", "TO", "BO"),
    ),
    "nl": Country(
        "nl",
        (
            "Keizersgracht", "Kerkstraat", "Dorpsstraat", "Stationsweg", "Julianalaan", "Marktplein",
            "Noordsingel", "Havenkade", "Van Goghstraat", "Eerste Oosterparkstraat",
            "Burgemeester de Raadtsingel", "Molenweg",
        ),
        (
            ("Amsterdam", "10## @@"), ("Utrecht", "35## @@"), ("'s-Gravenhage", "25## @@"),
            ("Den Haag", "25##@@"), ("Eindhoven", "56## @@"), ("Bergen op Zoom", "46## @@"),
        ),
        ("{s} {n}", "{s} {n}", "{s} {n}{l}", "{s} {n}-{u}", "{s} {n} hs", "Postbus {n}"),
        ("{c} {t}", "{c} {t}", "{c}  {t}"),
        ("Nederland", "", "", ""),
    ),
    "pl": Country(
        "pl",
        (
            "ul. Długa", "ul. Marszałkowska", "al. Jerozolimskie", "ul. Jana Pawła II", "ul. 3 Maja",
            "pl. Wolności", "os. Słoneczne", "ul. Mickiewicza", "ul. Świętego Ducha", "Aleja Niepodległości",
        ),
        (
            ("Warszawa", "00-###"), ("Kraków", "30-###"), ("Łódź", "90-###"), ("Bielsko-Biała", "43-###"),
            ("Nowy Sącz", "33-###"),
        ),
        ("{s} {n}", "{s} {n}", "{s} {n}/{u}", "{s} {n} m. {u}", "{s} {n}{l}", "{s} {n} lok. {u}"),
        ("{c} {t}", "{c} {t}", "{t}"),
        ("Polska", "", "", ""),
    ),
    "pt": Country(
        "pt",
        (
            "Rua das Flores", "Avenida da Liberdade", "Rua Augusta", "Praça do Comércio", "Travessa da Palma",
            "Largo do Carmo", "Estrada de Benfica", "Rua de Santa Catarina", "Av. da Boavista",
        ),
        (
            ("Lisboa", "1###-###"), ("Porto", "4###-###"), ("Coimbra", "3###-###"),
            ("Vila Nova de Gaia", "44##-###"),
        ),
        ("{s}, {n}", "{s} {n}", "{s}, nº {n}", "{s}, {n}, 3º Dto", "{s} {n}, 2.º Esq.", "{s}, n.º {n}"),
        ("{c} {t}", "{c} {t}", "{t}"),
        ("Portugal", "", ""),
    ),
    "br": Country(
        "pt",
        (
            "Rua das Palmeiras", "Avenida Paulista", "Rua 7 de Setembro", "Av. Brasil", "Travessa São José",
            "Alameda Santos", "Rua Dom Pedro II", "Estrada Velha", "Praça da Sé",
        ),
        (
            ("São Paulo", "01###-###"), ("Rio de Janeiro", "22###-###"), ("Belo Horizonte", "30###-###"),
            ("Porto Alegre", "90###-###"),
        ),
        (
            "{s}, {n}", "{s}, {n}", "{s}, nº {n}", "{s}, {n}, apto {u}", "{s}, {n} - Centro",
            "{s}, {n}, Bloco {l}",
        ),
        ("{t} - {r}, {c}", "{t} - {r}|{c}", "{c} {t} - {r}", "{t}/{r}"),
        ("Brasil", "", ""),
        ("SP", "RJ", "MG", "RS"),
    ),
    "ru": Country(
        "ru",
        (
            "ул. Ленина", "ул. Тверская", "проспект Мира", "ул. Пушкина", "пер. Садовый", "ул. Карла Маркса",
            "Невский проспект", "наб. Фонтанки", "бульвар Победы", "шоссе Энтузиастов", "ул. 8 Марта",
            "улица Гагарина",
        ),
        (
            ("Москва", "1#####"), ("Санкт-Петербург", "19####"), ("Казань", "42####"),
            ("Нижний Новгород", "60####"), ("Самара", "44####"),
        ),
        (
            "{s}, д. {n}", "{s}, д. {n}, кв. {u}", "{s}, дом {n}", "{s}, {n}",
            "{s}, д. {n}, корп. {u}, кв. {n}", "{s} {n}",
        ),
        ("г. {t}, {c}", "г. {t}", "{c}, г. {t}", "{t}"),
        ("Россия", "", ""),
    ),
    "se": Country(
        "sv",
        (
            "Storgatan", "Kungsgatan", "Drottninggatan", "Ringvägen", "Skolgatan", "Björkvägen",
            "Västra Hamngatan", "Köpmangatan", "Gamla Brogränd",
        ),
        (
            ("Stockholm", "1## ##"), ("Göteborg", "41# ##"), ("Malmö", "21# ##"),
            ("Upplands Väsby", "194 ##"),
        ),
        ("{s} {n}", "{s} {n} {l}", "{s} {n}, lgh {n}", "Box {n}"),
        ("{c} {t}", "{c} {t}"),
        ("Sverige", "", ""),
    ),
    "dk": Country(
        "da",
        (
            "Vestergade", "Nørregade", "Skovvej", "H.C. Andersens Boulevard", "Strandvejen", "Østerbrogade",
            "Søndre Allé", "Rådhuspladsen",
        ),
        (("København K", "1###"), ("Aarhus C", "8###"), ("Odense", "5###"), ("Ærøskøbing", "59##")),
        ("{s} {n}", "{s} {n}, 2. tv", "{s} {n}, st. th", "{s} {n}{l}"),
        ("{c} {t}", "DK-{c} {t}"),
        ("Danmark", "", ""),
    ),
    "no": Country(
        "no",
        (
            "Karl Johans gate", "Storgata", "Kirkeveien", "Bjørnsons gate", "Skogveien", "Strandgaten",
            "Solbakken", "Maria Dehlis vei",
        ),
        (("Oslo", "0###"), ("Bergen", "50##"), ("Trondheim", "70##"), ("Mo i Rana", "86##")),
        ("{s} {n}", "{s} {n}{l}", "Postboks {n}"),
        ("{c} {t}", "{c} {t}"),
        ("Norge", "", ""),
    ),
    "fi": Country(
        "fi",
        (
            "Mannerheimintie", "Aleksanterinkatu", "Hämeentie", "Kirkkokatu", "Puistopolku", "Satamakuja",
            "Pietarinkatu",
        ),
        (("Helsinki", "00###"), ("Tampere", "33###"), ("Turku", "20###"), ("Oulu", "90###")),
        ("{s} {n}", "{s} {n} A {u}", "{s} {n} B", "{s} {n} as. {u}"),
        ("{c} {t}", "{c} {t}"),
        ("Suomi", "Finland", "", ""),
    ),
    "cz": Country(
        "cs",
        (
            "Dlouhá", "Národní třída", "náměstí Míru", "Vinohradská", "Hlavní", "Nádražní", "Komenského",
            "tř. Kpt. Jaroše", "Na Příkopě",
        ),
        (("Praha 1", "1## ##"), ("Brno", "6## ##"), ("Ostrava", "7## ##"), ("České Budějovice", "370 ##")),
        ("{s} {n}", "{s} {n}/{u}", "{s} {n}, byt {u}", "{s} {n}{l}"),
        ("{c} {t}", "{c} {t}"),
        ("Česká republika", "", ""),
    ),
    "tr": Country(
        "tr",
        (
            "Atatürk Caddesi", "İstiklal Cad.", "Gül Sokak", "Bağdat Caddesi", "Cumhuriyet Bulvarı",
            "Lale Sok.", "Barbaros Mah. Çınar Sk.",
        ),
        (("İstanbul", "34###"), ("Ankara", "06###"), ("İzmir", "35###"), ("Antalya", "07###")),
        ("{s} No: {n}", "{s} No:{n}", "{s} No: {n} D: {u}", "{s} {n}", "{s} No:{n} Daire {u}"),
        ("{c} {t}", "{c} Kadıköy/{t}", "{t}"),
        ("Türkiye", "", ""),
    ),
}  # fmt: skip

_SENTENCES: dict[str, tuple[str, ...]] = {
    "en": (
        "Please ship the replacement to {a} before Friday.",
        "I live at {a}.",
        "hey can you mail it to {a} thanks!!",
        "Our new office is at {a}, so update the contract.",
        "The tenant at {a} complained about the noise again.",
        "Write a polite letter to my landlord. The flat is {a} and the rent is due on the 3rd.",
        "He moved from {a} to {b} last year.",
    ),
    "de": (
        "Bitte senden Sie die Ware an {a}.",
        "Ich wohne in der {a}.",
        "Unsere neue Adresse lautet {a}, bitte ändern Sie den Vertrag.",
        "Hallo, kannst du das Paket an {a} schicken? Danke!",
        "Der Mieter in der {a} hat gekündigt.",
        "Wohnhaft: {a}. Geboren 1980.",
    ),
    "fr": (
        "Merci d'envoyer le colis au {a} avant vendredi.",
        "J'habite au {a}.",
        "Notre siège se trouve {a} et reste ouvert.",
        "bonjour, livraison au {a} svp",
        "Le locataire du {a} a déposé une plainte.",
    ),
    "es": (
        "Por favor envíe el paquete a {a} antes del viernes.",
        "Vivo en {a}.",
        "La oficina está en {a} y abre a las nueve.",
        "hola, me lo mandas a {a}? gracias",
        "El inquilino de {a} se ha quejado.",
    ),
    "it": (
        "Spedire il pacco a {a} entro venerdì.",
        "Abito in {a}.",
        "La nuova sede è in {a} e apre alle nove.",
        "ciao, puoi mandarlo in {a}? grazie",
        "L'inquilino di {a} si è lamentato.",
    ),
    "nl": (
        "Stuur het pakket naar {a} voor vrijdag.",
        "Ik woon op de {a}.",
        "Ons nieuwe kantoor zit aan de {a}, pas het contract aan.",
        "hoi, kun je het naar {a} sturen? bedankt",
    ),
    "pl": (
        "Proszę wysłać paczkę na adres {a} do piątku.",
        "Mieszkam przy {a}.",
        "Nowe biuro jest przy {a} i działa od dziewiątej.",
        "cześć, wyślij to na {a} dzięki",
    ),
    "pt": (
        "Por favor envie a encomenda para {a} até sexta.",
        "Moro na {a}.",
        "O novo escritório fica na {a} e abre às nove.",
        "oi, pode mandar para {a}? obrigado",
    ),
    "ru": (
        "Отправьте посылку по адресу: {a} до пятницы.",
        "Я живу по адресу {a}.",
        "Новый офис находится по адресу {a}, измените договор.",
        "привет, доставка на {a} спасибо",
    ),
    "sv": (
        "Skicka paketet till {a} före fredag.",
        "Jag bor på {a}.",
        "Vårt nya kontor ligger på {a} och öppnar nio.",
    ),
    "da": (
        "Send pakken til {a} inden fredag.",
        "Jeg bor på {a}.",
        "Vores nye kontor ligger på {a} og åbner klokken ni.",
    ),
    "no": (
        "Send pakken til {a} før fredag.",
        "Jeg bor i {a}.",
        "Det nye kontoret ligger i {a} og åpner klokken ni.",
    ),
    "fi": (
        "Lähetä paketti osoitteeseen {a} ennen perjantaita.",
        "Asun osoitteessa {a}.",
        "Uusi toimisto on osoitteessa {a} ja aukeaa yhdeksältä.",
    ),
    "cs": (
        "Zašlete balík na adresu {a} do pátku.",
        "Bydlím na adrese {a}.",
        "Nová kancelář je na adrese {a} a otevírá v devět.",
    ),
    "tr": (
        "Lütfen paketi {a} adresine gönderin.",
        "Adresim {a}.",
        "Yeni ofisimiz {a} adresinde ve dokuzda açılıyor.",
    ),
}

_LABELS = {
    "en": ("Address", "Shipping address", "Home address", "Mailing Address"),
    "de": ("Adresse", "Anschrift", "Lieferadresse"),
    "fr": ("Adresse", "Adresse postale"),
    "es": ("Dirección", "Domicilio"),
    "it": ("Indirizzo", "Residenza"),
    "nl": ("Adres", "Woonadres"),
    "pl": ("Adres", "Adres zamieszkania"),
    "pt": ("Endereço", "Morada"),
    "ru": ("Адрес", "Адрес доставки"),
    "sv": ("Adress",),
    "da": ("Adresse",),
    "no": ("Adresse",),
    "fi": ("Osoite",),
    "cs": ("Adresa",),
    "tr": ("Adres",),
}
_HELLO = {
    "en": ("Kind regards,", "Dear Sir or Madam,"),
    "de": ("Mit freundlichen Grüßen", "Sehr geehrte Damen und Herren,"),
    "fr": ("Cordialement,", "Madame, Monsieur,"),
    "es": ("Atentamente,", "Estimados señores:"),
    "it": ("Cordiali saluti,", "Spettabile ditta,"),
    "nl": ("Met vriendelijke groet,", "Geachte heer, mevrouw,"),
    "pl": ("Z poważaniem,", "Szanowni Państwo,"),
    "pt": ("Atenciosamente,", "Prezados senhores,"),
    "ru": ("С уважением,", "Уважаемые господа!"),
    "sv": ("Vänliga hälsningar,", "Hej,"),
    "da": ("Med venlig hilsen", "Hej,"),
    "no": ("Vennlig hilsen", "Hei,"),
    "fi": ("Ystävällisin terveisin", "Hei,"),
    "cs": ("S pozdravem", "Vážení,"),
    "tr": ("Saygılarımla,", "Merhaba,"),
}

NEGATIVES = (
    "123 Main reasons to write tests first", "Room 5 is free, and chapter 3 Street food is my favourite.",
    "Wall Street fell 3 % on Monday.",
    "In 2019 Broadway shows earned 1.8 billion.", "Version 3 Road map: 12 items, 4 owners.",
    "The 2008 Wall Street crash and its 5 causes",
    "See RFC 2616 Section 14 Way of caching", "He won 3 Grand Prix races in 1998 Monaco.",
    "Port 8080 Drive mapping failed with error 12345 Access denied",
    "On March 5, 2024 Release 12 shipped to 10000 Users.", "Kapitel 5 Weg zum Ziel, Seite 12",
    "Im Jahr 2019 Berlin gewann 3 Preise",
    "La place 5 du classement et la rue était vide", "Il a 12 ans et habite loin",
    "En 1945 la calle estaba llena; 300 personas salieron",
    "Via HTTP 2 requests were sent", "string 5, during 2019, spring 2024, monitoring 3",
    "Top 10 Places to visit, 7 Ways to cook, 5 Courts ruled",
    "address: 127.0.0.1:8080", "addr = 0x7fff5fbff8c0", 
    '{"address": "admin@example.com", "street_count": 12}',
    "def street(number: int = 5) -> str: return f'{number} {name}'", "Windows 10 Drive C: 512 GB",
    "A 5 Star Hotel with 200 Rooms",
    "Order 12345 Shipped, order 54321 Pending", "The A4 2023 Model costs 45000 Euro",
    "GET /v1/street/12 HTTP/1.1 404 Not Found",
    "Section 12, Article 3, Paragraph 5", "Группа 5 улица пуста, глава 3", "W 2020 roku ulica była pusta",
    "kl. 12 på gatan, 3 bilar",
    "Cost 1000 AB shares at 5,00 EUR", "Level 3 Support and Tier 2 Way forward",
    "I waited 5 hours on the road and 2 in the park",
    "The 4 Seasons by Vivaldi, Op. 8, No. 1", "Chapter 12: The Road Not Taken, p. 34",
    "E = mc2, 10001 New samples", "SELECT * FROM street WHERE no = 5",
)  # fmt: skip
"""Texts in which no address stands."""


def _fill(source: random.Random, shape: str) -> str:
    kinds = {"#": "0123456789", "@": "ABDEFGHJLNPQRSTUWXYZ", "&": "ACDEFHKNPRTVWXY"}
    return "".join(source.choice(kinds[mark]) if mark in kinds else mark for mark in shape)


def _parts(source: random.Random, country: Country) -> tuple[str, str, str, str, str]:
    """Street line, tail, country name; and the town and code that stand in the tail."""
    town, shape = source.choice(country.towns)
    code = _fill(source, shape)
    number = source.choice([source.randint(1, 99), source.randint(1, 250), source.randint(100, 999)])
    if country.language == "en" and country.regions != ("",):
        number = source.choice([number, source.randint(1000, 19999)])
    values = {
        "s": source.choice(country.streets), "n": str(number), "u": str(source.randint(1, 30)),
        "l": source.choice("ABCD"),
        "t": town, "c": code, "r": source.choice(country.regions),
    }  # fmt: skip
    line = source.choice(country.line).format(**values)
    tail = source.choice(country.tail).format(**values)
    return line, tail, source.choice(country.names), town, code


def _one_line(source: random.Random, country: Country) -> str:
    line, tail, name, *_ = _parts(source, country)
    if country.language == "ru" and source.random() < 0.5:
        return f"{', '.join(reversed(tail.split(', ')))}, {line}"
    pieces = [line]
    if source.random() < 0.75:
        pieces.append(tail.replace("|", ", "))
        if name and source.random() < 0.6:
            pieces.append(name)
    return ", ".join(pieces)


def _block(source: random.Random, country: Country) -> str:
    line, tail, name, *_ = _parts(source, country)
    return "\n".join([line, *tail.split("|"), *([name] if name else [])])


def _put(frame: str, **values: str) -> Labelled:
    """A frame filled in, with the places of what was put there."""
    text, at = "", 0
    spans: list[tuple[int, int, str]] = []
    while True:
        places = [(frame.find("{" + name + "}", at), name) for name in values]
        places = [place for place in places if place[0] >= 0]
        if not places:
            return text + frame[at:], spans
        start, name = min(places)
        text += frame[at:start]
        spans.append((len(text), len(text) + len(values[name]), KIND))
        text += values[name]
        at = start + len(name) + 2


def _frame(
    source: random.Random,
    language: str,
    one_line: Callable[[], str],
    block: Callable[[], str],
    line: Callable[[], str],
) -> Labelled:
    which = source.random()
    label = source.choice(_LABELS[language])
    if which < 0.4:
        return _put(source.choice(_SENTENCES[language]), a=one_line(), b=one_line())
    if which < 0.6:
        regards, dear = _HELLO[language]
        frame = source.choice(
            [
                "{a}\n\n" + dear + "\n\n…",
                dear + "\n\n…\n\n" + regards + "\n\n{a}\n",
                label + ":\n{a}\n\nTel. 555 0100",
            ]
        )
        return _put(frame, a=block())
    if which < 0.75:
        return _put(
            source.choice(
                [label + ": {a}\n", label + ": {a}\nE-mail: someone@example.com\n", "• " + label + ": {a}"]
            ),
            a=one_line(),
        )
    if which < 0.87:
        key = source.choice(["address", "street", "addressLine1", "shipping_address", "street_address"])
        value = one_line() if "address" in key and "1" not in key else line()
        text = json.dumps(
            {"id": source.randint(1, 999), key: "{a}", "active": True},
            ensure_ascii=False,
            indent=source.choice([None, 2]),
        )
        return _put(text.replace('"{a}"', json.dumps("{a}")), a=value)
    mark = source.choice([";", ",", "\t", "|"])
    value = one_line().replace(", ", " ") if mark == "," else one_line()
    return _put(f"{source.randint(1, 99)}{mark}x{mark}{{a}}{mark}yes", a=value)


def generate_country(code: str, seed: int, count: int) -> Iterator[Labelled]:
    """``count`` texts with addresses of one country, the same for the same seed."""
    source = random.Random(f"{seed}/{code}")
    country = COUNTRIES[code]
    for _ in range(count):
        yield _frame(
            source,
            country.language,
            lambda: _one_line(source, country),
            lambda: _block(source, country),
            lambda: _parts(source, country)[0],
        )


def generate(seed: int, count: int) -> Iterator[Labelled]:
    """``count`` texts over all countries, a quarter of them without any address."""
    source = random.Random(seed)
    codes = sorted(COUNTRIES)
    for number in range(count):
        if source.random() < 0.25:
            yield source.choice(NEGATIVES), []
        else:
            yield from generate_country(codes[number % len(codes)], source.randrange(2**31), 1)


FAKER_LOCALES = {
    "us": "en_US", "gb": "en_GB", "ie": "en_IE", "ca": "en_CA", "au": "en_AU", "in": "en_IN", "nz": "en_NZ",
    "de": "de_DE", "at": "de_AT",
    "ch": "de_CH", "fr": "fr_FR", "be": "nl_BE", "es": "es_ES", "mx": "es_MX", "ar": "es_AR", "cl": "es_CL",
    "co": "es_CO", "it": "it_IT",
    "nl": "nl_NL", "pl": "pl_PL", "pt": "pt_PT", "br": "pt_BR", "ru": "ru_RU", "se": "sv_SE", "dk": "da_DK",
    "no": "no_NO", "fi": "fi_FI",
    "cz": "cs_CZ", "tr": "tr_TR",
}  # fmt: skip
_FAKER_LANGUAGES = {"nz": "en", "cl": "es", "co": "es"}


def generate_with_faker(code: str, seed: int, count: int) -> Iterator[Labelled]:
    """The same frames with Faker's addresses of one country; ``Faker`` has to be installed."""
    from faker import Faker

    source = random.Random(f"{seed}/faker/{code}")
    faker: Any = Faker(FAKER_LOCALES[code])
    faker.seed_instance(seed)
    language = _FAKER_LANGUAGES.get(code) or COUNTRIES[code].language
    for _ in range(count):
        yield _frame(
            source,
            language,
            lambda: faker.address().replace("\n", ", "),
            lambda: faker.address(),
            lambda: faker.street_address(),
        )
