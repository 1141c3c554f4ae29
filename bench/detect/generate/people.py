"""
Labelled texts that name persons, in twenty languages and in the forms of an office, and hard negatives.

Names and sentences are own ones, written for this file and for nothing else: the recogniser's training has
others. First and last names are joined at random, so nobody in particular is meant. A quarter of the texts
names nobody: companies, places, laws and headings made of the same kinds of words. The same seed gives the
same texts.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator

__all__ = ["Labelled", "generate"]

Labelled = tuple[str, list[tuple[int, int, str]]]
"""A text, and (start, end, type) of what is sensitive in it, in code points."""

TYPE = "person_name"

NAMES: dict[str, tuple[str, str]] = {
    "en": (
        "Harriet Nigel Rosalind Desmond Imogen Clive Philippa Tobias Beatrix Alastair Maureen "
        "Percival Gemma Rupert",
        "Ashworth Pemberton Holloway Thistlewood Garside Ormerod Blakeley Winterbourne Hargreaves "
        "Penhaligon Tate",
    ),
    "de": (
        "Gudrun Eberhard Mechthild Joachim Liselotte Hartmut Annegret Volker Sieglinde Thorsten "
        "Wiebke Burkhard",
        "Niedermeyer Achterberg Kirchhoff Süßmilch Oberländer Rademacher Wiegand Hölscher Brinkmann "
        "Dreyer Zöllner",
    ),
    "fr": (
        "Bérénice Gontran Sidonie Thibault Apolline Ghislain Solange Aurélien Clothilde Hippolyte "
        "Maëlle Corentin",
        "Vaillancourt Desrosiers Beauregard Charpentier Lachapelle Roquefeuil Montclair Delacroix "
        "Peyrot Guérin",
    ),
    "es": (
        "Graciela Facundo Milagros Ezequiel Remedios Leopoldo Azucena Anselmo Inmaculada Ramiro Pilar"
        " Baltasar",
        "Quintanilla Zubizarreta Olmedo Carrasquilla Etxeberria Villanueva Peñalver Barrenechea "
        "Cordero Ibarra",
    ),
    "it": (
        "Ottavia Ermenegildo Fiammetta Gaspare Ludovica Ettore Rosalba Tancredi Mirella Ruggero "
        "Benedetta Silvano",
        "Castelnuovo Bevilacqua Malatesta Piccolomini Scarpellini Tagliaferri Montanari Zanetti "
        "Guerrini Sforza",
    ),
    "nl": (
        "Willemijn Gijsbert Marjolein Diederik Annelies Reinout Hendrika Floris Saskia Teunis "
        "Liesbeth Wouter",
        "Hoogenboom|van der Meulen|Kuipers|de Wit|Zwartkruis|van Leeuwenhoek|Dijkgraaf|ten "
        "Broeke|Brouwer|Vermeulen",
    ),
    "pl": (
        "Bogumiła Zdzisław Wiesława Przemysław Kinga Mirosław Jadwiga Ryszard Halina Sławomir Bożena Leszek",
        "Brzęczyszczak Gołębiewicz Skowroński Mazurkiewicz Jastrzębiec Pawłowski Ciechanowicz Górecki"
        " Zaremba Witek",
    ),
    "pt": (
        "Leocádia Valdemar Conceição Joaquim Filomena Henrique Graça Osvaldo Iracema Teodoro Vitória Anselmo",
        "Figueiredo Vasconcelos Albuquerque Cavalcanti Mascarenhas Guimarães Sampaio Bragança Noronha Teles",
    ),
    "ru": (
        "Зинаида Аркадий Клавдия Геннадий Лидия Вячеслав Раиса Тимофей Жанна Ростислав Маргарита Валентин",
        "Долгорукий Красильников Веденеев Покровский Сухоруков Завьялов Шереметьев Бессонов Тихомиров Лапин",
    ),
    "sv": (
        "Gunilla Torbjörn Ingegerd Staffan Birgitta Rikard",
        "Lindqvist Söderberg Hallström Åkerman Wikström Dahl",
    ),
    "da": (
        "Kirsten Flemming Birthe Preben Annelise Torben",
        "Østergaard Kjeldsen Bruun Vestergaard Thorsen Holm",
    ),
    "no": (
        "Ragnhild Sigurd Torhild Eivind Solveig Halvor",
        "Nordahl Bakken Tveit Strømme Haugland Fjeld",
    ),
    "fi": (
        "Pirkko Tapio Hilkka Veikko Marjatta Jouko",
        "Koskela Rautiainen Heikkinen Lehtonen Salminen Aaltonen",
    ),
    "cs": (
        "Bohumil Drahomíra Radovan Květa Zdeněk Vlasta",
        "Procházka Dvořáček Kopecký Novotný Hrubeš Beránek",
    ),
    "tr": (
        "Gülsüm Orhan Nurhan Cengiz Perihan Tolga",
        "Karaoğlu Yıldırım Çetinkaya Özdemir Aksoy Erdoğdu",
    ),
    "ro": (
        "Ileana Costel Rodica Dragoș Viorica Horia",
        "Munteanu Dumbravă Ciobanu Stănescu Olteanu Neagu",
    ),
    "in": (
        "Venkatesh Lakshmi Rajendra Kavitha Sunil Meenakshi",
        "Raghavan Chatterjee Deshpande Iyer Srinivasan Kulkarni",
    ),
    "ar": (
        "Khalid Fatima Yousef Noura Mahmoud Layla",
        "Al-Mansouri Haddad El-Sayed Khoury Benali Shaheen",
    ),
    "zh": (
        "Weijun Xiaoling Haoran Meifeng Zhiyong Lihua",
        "Zhang Ouyang Chen Huang Zhou Lin",
    ),
    "ja": (
        "Haruka Takeshi Yumiko Kenichi Sayaka Daisuke",
        "Watanabe Kobayashi Ishikawa Matsumoto Fujita Ueda",
    ),
}
"""Language to first names and last names."""

SENTENCES = """
en|Could you move the dentist's bill of {N} to next month?|The keys are with {F}, who sits near the window.
en|{N} has been looking after our garden since the spring.|Last night {T} rang about the broken boiler.
en|We owe {N1} forty pounds and {N2} a dinner.|Please draft a polite refusal to {T} on my behalf.
en|Minutes taken by {N}; chaired by {N1}.|{L} objected, {L1} abstained and the rest agreed.
de|Kannst du die Rechnung von {N} auf nächsten Monat legen?|Die Schlüssel hat {F}, die am Fenster sitzt.
de|Gestern Abend rief {T} wegen der Heizung an.|Wir schulden {N1} vierzig Euro und {N2} ein Essen.
de|Der Termin mit {N} wurde auf Freitag verschoben.|Ist {F} schon im Büro oder noch bei {T}?
fr|Peux-tu reporter la facture de {N} au mois prochain ?|Hier soir, {T} a appelé pour la chaudière.
fr|Nous devons quarante euros à {N1} et un dîner à {N2}.|Les clés sont chez {F}, à côté de la fenêtre.
fr|La réunion avec {N} est reportée à vendredi.|Rédige un refus poli destiné à {T}.
es|¿Puedes pasar la factura de {N} al mes que viene?|Anoche llamó {T} por la caldera.
es|Debemos cuarenta euros a {N1} y una cena a {N2}.|Las llaves las tiene {F}, la de la ventana.
es|La reunión con {N} se aplaza al viernes.|Redacta una negativa amable para {T}.
it|Puoi spostare la fattura di {N} al mese prossimo?|Ieri sera ha telefonato {T} per la caldaia.
it|Dobbiamo quaranta euro a {N1} e una cena a {N2}.|Le chiavi le ha {F}, vicino alla finestra.
it|La riunione con {N} è rinviata a venerdì.|Scrivi un rifiuto cortese per {T}.
nl|Kun je de rekening van {N} naar volgende maand schuiven?|Gisteravond belde {T} over de ketel.
nl|We zijn {N1} veertig euro schuldig en {N2} een etentje.|De sleutels liggen bij {F}, bij het raam.
pl|Czy rachunek, który przysłał {N}, może poczekać?|Wczoraj wieczorem dzwonił {N} w sprawie pieca.
pl|Klucze ma {F}, ta spod okna.|Spotkanie, które prowadzi {N}, przełożono na piątek.
pt|Você pode passar a conta de {N} para o mês que vem?|Ontem à noite {T} ligou por causa da caldeira.
pt|Devemos quarenta euros a {N1} e um jantar a {N2}.|As chaves estão com {F}, perto da janela.
ru|Счёт прислал {N}, можно отложить его на месяц?|Вчера вечером звонил {N} по поводу котла.
ru|Ключи у соседа, его зовут {F}.|Встречу ведёт {N}, её перенесли на пятницу.
sv|Kan du flytta räkningen från {N} till nästa månad?|I går kväll ringde {N} om pannan.
da|Kan du flytte regningen fra {N} til næste måned?|I går aftes ringede {N} om fyret.
no|Kan du flytte regningen fra {N} til neste måned?|I går kveld ringte {N} om fyren.
fi|Lasku tuli eilen, lähettäjä oli {N}.|Eilen illalla soitti {N} kattilasta.
cs|Účet poslal {N}, může počkat?|Včera večer volal {N} kvůli kotli.
tr|Faturayı {N} gönderdi, bekleyebilir mi?|Dün akşam {N} kazan için aradı.
ro|Factura a trimis-o {N}, poate aștepta?|Aseară a sunat {N} pentru centrală.
in|Please ask {N} to reschedule the onboarding call.|Our vendor contact is {N}, based in Pune.
ar|Please ask {N} to resend the visa form.|The apartment belongs to {N} and her brother {F1}.
zh|Our supplier's engineer, {N}, will join the call.|{N} from the Shenzhen office signed the offer.
ja|The interpreter for {N} arrives at noon.|{N} and {N1} presented the prototype in Osaka.
"""
"""Sentences by language; several in a line, parted by ``|``."""

TITLED = {
    "en": ("Mr {L}", "Mrs {L}", "Dr {L}"),
    "de": ("Herr {L}", "Frau {L}", "Dr. {L}"),
    "fr": ("Mme {L}", "M. {L}", "Maître {L}"),
    "es": ("el Sr. {L}", "la doctora {L}", "don {N}"),
    "it": ("il signor {L}", "la dottoressa {L}", "l'avvocato {L}"),
    "nl": ("meneer {L}", "mevrouw {L}"),
    "pt": ("o Sr. {L}", "a doutora {L}"),
}

FORMS = (
    '{{"booking": {Z}, "guest_name": "{N}", "nights": 3}}',
    '{{"firstName": "{F}", "lastName": "{L}", "role": "viewer"}}',
    '[{{"assignee": "{N}", "points": 5}}, {{"assignee": "{N1}", "points": 8}}]',
    "Applicant: {N}\nReference: {Z}\nDecision: pending",
    "From: {N} <office@example.org>\nTo: {N1} <desk@example.org>\nSubject: Boiler",
    "employee;department;start\n{N};Logistics;2019\n{N1};Payroll;2021",
    "<customer><name>{N}</name><city>Leeds</city></customer>",
    "{F}: running late, sorry\n{F1}: no worries",
    "Hi {F},\n\nthe boiler man comes at nine.\n\nBest wishes,\n{F1}",
    "Dear {N},\nyour parcel {Z} is waiting.\nKind regards,\n{N1}",
    "| {N} | night shift | {Z} |\n| {N1} | day shift | {Z} |",
    "INVOICE {Z}\nBill to: {N}\nAmount due: 120.00",
)

NEGATIVES = r"""
Ashworth & Holloway Ltd moved its head office to Cambridge Science Park.
Save the file, then restart Docker Desktop.
The Winter Palace and the Charles Bridge are closed on Mondays.
## Known Issues\n\n### Build Failures On Windows
The Marshall Plan shaped Western Europe after the war.
Siehe Bundesdatenschutzgesetz und Europäische Menschenrechtskonvention.
La Cour des comptes publie son rapport sur la Sécurité sociale.
El Tribunal Constitucional y la Agencia Tributaria
Il Consiglio di Stato e la Corte dei conti
De Nederlandse Spoorwegen en de Algemene Rekenkamer
Narodowy Fundusz Zdrowia i Krajowa Rada Notarialna
O Tribunal de Contas da União e a Caixa Econômica Federal
Центральный банк и Министерство культуры объявили конкурс.
{"name": "Daily Backup", "schedule": "0 3 * * *"}
Run the Smoke Test, then merge Feature Branch into Main.
Dear Customer Care Team,\nwe are still waiting.
Georgia, Virginia and Carolina are states; Victoria and Adelaide are cities.
June, April and May are months.
class OrderService(BaseService): # Creates Purchase Orders.
Kind regards,\nYour Billing Department
To: All Staff\nSubject: Fire Drill
The Fourier Transform and the Gaussian Blur are in Image Filters.
Pride and Prejudice is on at the Old Vic Theatre.
Total Revenue, Net Income, Operating Margin
"""
"""Texts that name nobody, one a line; ``\\n`` is a line end."""

_SLOT = re.compile(r"\{([A-Z])(\d?)\}")


def generate(seed: int, count: int) -> Iterator[Labelled]:
    """So many texts; about one in four names nobody."""
    rnd = random.Random(seed)
    sentences = [
        (language, sentence)
        for line in SENTENCES.strip().split("\n")
        for language, _, rest in (line.partition("|"),)
        for sentence in rest.split("|")
    ]
    negatives = [line.replace("\\n", "\n") for line in NEGATIVES.strip().split("\n")]
    for _ in range(count):
        roll = rnd.random()
        if roll < 0.25:
            yield rnd.choice(negatives), []
        elif roll < 0.7:
            language, sentence = rnd.choice(sentences)
            yield _filled(sentence, language, rnd)
        else:
            template = rnd.choice(FORMS)
            language = rnd.choice([name for name in NAMES if name != "ru"])
            text, spans = _filled(template.replace("{{", "\x01").replace("}}", "\x02"), language, rnd)
            yield text.replace("\x01", "{").replace("\x02", "}"), spans


def _filled(template: str, language: str, rnd: random.Random) -> Labelled:
    """The text, and where its names stand."""
    if "{T}" in template:
        template = template.replace("{T}", rnd.choice(TITLED[language]))
    people: dict[str, tuple[str, str]] = {}
    text = ""
    at = 0
    spans: list[tuple[int, int, str]] = []
    for slot in _SLOT.finditer(template):
        text += template[at : slot.start()]
        at = slot.end()
        kind, number = slot.groups()
        if kind == "Z":
            text += str(rnd.randint(1000, 99999))
            continue
        first, last = people.setdefault(number, _person(language, rnd))
        value = {"N": f"{first} {last}", "F": first, "L": last}[kind]
        spans.append((len(text), len(text) + len(value), TYPE))
        text += value
    return text + template[at:], spans


def _person(language: str, rnd: random.Random) -> tuple[str, str]:
    firsts, lasts = NAMES[language]
    first = rnd.choice(firsts.split())
    last = rnd.choice(lasts.split("|") if "|" in lasts else lasts.split())
    if language == "ru" and first[-1] in "ая":
        # A woman's last name: -ов, -ев, -ин take -а, -ий and -ый become -ая.
        last = last[:-2] + "ая" if last.endswith(("ий", "ый")) else last + "а"
    if language == "pl" and first.endswith("a") and last.endswith("ski"):
        last = last[:-1] + "a"
    return first, last


def _main() -> None:
    for text, spans in generate(7, 20):
        print(json.dumps({"text": text, "spans": spans}, ensure_ascii=False))


if __name__ == "__main__":
    _main()
