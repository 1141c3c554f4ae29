"""
Trains the weights of the recogniser of person names (``person_model.txt``). For development only.

    python -m bench.detect.train_people --corpora CORPORA.jsonl --benign BENIGN.json --seed 7

Texts to learn from: (1) ``CORPORA.jsonl``, one ``{"lang", "src", "use", "text", "spans"}`` a line, spans
of persons in code points; lines with ``use`` other than ``train`` are left alone (``--report`` measures
on ``eval``). Used for the shipped weights, all of licences that permit it: WNUT-17 (CC BY 4.0), Broad
Twitter Corpus parts a b e g (CC BY 4.0), Wikigold (CC BY 4.0), Europarl NER (free), GermEval 2014 (CC BY
4.0), Europeana Newspapers NER (CC0), NewsEye fr fi sv (CC BY 4.0), Swedish Webbnyheter (CC BY 4.0), NorNE
(CC0), RONEC (MIT), factRuEval 2016 (MIT), MEDDOCAN (CC BY 4.0). (2) Templates of this file, filled with
names that Faker makes. (3) ``BENIGN.json``, a list of ``[name, text]`` with technical texts that name
nobody. None of these texts is kept in the project.

The weights: a conditional random field over the words that could be names, stochastic gradient with
AdaGrad; what is learnt small or from few places is dropped. The same seed and texts give the same file.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sensor.detect.scanners.people.lexicon import Lexicon
from sensor.detect.scanners.people.model import GAPS, PLACES, Model, items_of

TEMPLATES = Path(__file__).resolve().parent / "train_people_templates.txt"
DATA = Path(__file__).resolve().parents[2] / "signatures" / "detectors" / "data"
LOCALES = {
    "en": ("en_US", "en_GB", "en_IN", "en_NG", "en_IE"),
    "de": ("de_DE", "de_AT", "de_CH"),
    "fr": ("fr_FR", "fr_QC"),
    "es": ("es_ES", "es_MX", "es_AR"),
    "it": ("it_IT",),
    "nl": ("nl_NL", "nl_BE"),
    "pl": ("pl_PL",),
    "pt": ("pt_BR", "pt_PT"),
    "ru": ("ru_RU",),
    "sv": ("sv_SE",),
    "da": ("da_DK",),
    "no": ("no_NO",),
    "fi": ("fi_FI",),
    "cs": ("cs_CZ",),
    "tr": ("tr_TR",),
    "uk": ("uk_UA",),
    "ro": ("ro_RO",),
    "hu": ("hu_HU",),
    "hr": ("hr_HR",),
    "sk": ("sk_SK",),
}
FOREIGN = (
    "en_IN",
    "vi_VN",
    "tr_TR",
    "id_ID",
    "en_NG",
    "sw",
    "yo_NG",
    "zu_ZA",
    "fil_PH",
    "es_ES",
    "pl_PL",
    "fr_FR",
    "it_IT",
)
SLAVIC = ("pl", "ru", "cs", "uk", "sk", "hr")


def inflected(name: str, case: str, language: str) -> str:
    """A name in the genitive, dative or instrumental, roughly: enough to see the endings."""
    made = []
    for word in name.split():
        if language in ("ru", "uk"):
            if word.endswith(("ий", "ый", "ой")) and len(word) > 4:
                end = {"g": "ого", "d": "ому", "i": "им"}[case]
                word = word[:-2] + end
            elif word.endswith("ова") or word.endswith("ева") or word.endswith("ина") and len(word) > 5:
                word = word[:-1] + "ой"
            elif word.endswith("а"):
                word = word[:-1] + {"g": "ы", "d": "е", "i": "ой"}[case]
            elif word.endswith("я"):
                word = word[:-1] + {"g": "и", "d": "е", "i": "ей"}[case]
            elif word.endswith(("ь", "й")):
                word = word[:-1] + {"g": "я", "d": "ю", "i": "ем"}[case]
            elif word[-1] not in "оеиую":
                ending = "ым" if word.endswith(("ов", "ев", "ин")) else "ом"
                word += {"g": "а", "d": "у", "i": ending}[case]
        elif word.endswith(("ski", "cki")):
            word += {"g": "ego", "d": "emu", "i": "m"}[case]
        elif word.endswith(("ska", "cka")):
            word = word[:-1] + {"g": "iej", "d": "iej", "i": "ą"}[case]
        elif word.endswith("ová"):
            word = word[:-1] + "é" if case != "i" else word[:-1] + "ou"
        elif word.endswith("a"):
            word = (
                word[:-1]
                + ({"g": "y", "d": "ie", "i": "ą"} if language == "pl" else {"g": "y", "d": "ě", "i": "ou"})[
                    case
                ]
            )
        elif word[-1] not in "eioóuyéíý":
            word += {"g": "a", "d": "owi" if language == "pl" else "ovi", "i": "em"}[case]
        made.append(word)
    return " ".join(made)


def read_templates() -> dict[str, dict[str, tuple[str, ...]]]:
    """Kind, then language (empty where it has none), to templates."""
    made: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for section in TEMPLATES.read_text(encoding="utf-8").split("\n= ")[1:]:
        head, *lines = section.strip("\n").split("\n")
        kind, _, language = head.partition(" ")
        made[kind][language] = tuple(line.replace("\\n", "\n").replace("\\t", "\t") for line in lines)
    for language, words in made["verbs"].items():
        made["verbs"][language] = tuple(words[0].split())
    return made


TOLD = read_templates()


class Names:
    """Names by Faker, a share of them from elsewhere."""

    def __init__(self, seed: int, places: str = "") -> None:
        from faker import Faker

        self.fakers = {}
        for locale in {*(item for group in LOCALES.values() for item in group), *FOREIGN}:
            made = Faker(locale)
            made.seed_instance(seed)
            self.fakers[locale] = made
        self.random = random.Random(seed)
        self.cities: list[str] = []
        self.cyrillic: list[str] = []
        self.countries: dict[str, list[str]] = {}
        if places:
            said = json.loads(Path(places).read_text())
            self.cities, self.cyrillic, self.countries = said["cities"], said["cyrillic"], said["countries"]

    def pair(self, language: str) -> tuple[str, str]:
        """(first, last)"""
        locales = LOCALES.get(language, LOCALES["en"])
        if language not in ("ru", "uk") and self.random.random() < 0.2:
            locales = FOREIGN
        faker = self.fakers[self.random.choice(locales)]
        if self.random.random() < 0.5:
            first, last = faker.first_name_male(), _last(faker, "last_name_male")
        else:
            first, last = faker.first_name_female(), _last(faker, "last_name_female")
        if not first.isascii() and language in ("en",) and self.random.random() < 0.3:
            return first, last
        return first, last


def _last(faker: Any, method: str) -> str:
    return str(getattr(faker, method, faker.last_name)())


CITIES = """
Paris London Berlin Madrid Roma Warszawa Lisboa Москва Chicago Boston Wien Zürich Lyon Sevilla Torino
Kraków Porto Казань Austin Denver Hamburg München Marseille Valencia Napoli Gdańsk Braga Самара Oslo
Stockholm Helsinki Praha Amsterdam Utrecht Gent Firenze Poznań Coimbra Новосибирск Charlotte Jackson
Houston Washington Lincoln Madison
""".split()
ORGS = [
    " ".join(name.split())
    for name in """
Siemens | Deutsche Bank | Renault | Telefónica | Morgan Stanley | Ford Motor Company | Goldman Sachs |
Ernst & Young | Johnson &Johnson | Mercedes | Gazprom | Roche | Unilever | Philips | Volkswagen |
Ferrari | Banco Santander | Orange | Carrefour | Procter & Gamble | Wells Fargo | Harley Davidson |
Louis Vuitton | Philip Morris | Martin Marietta | Merrill Lynch | Charles Schwab | PKO Bank | Allegro |
Petrobras | Сбербанк | Яндекс | Acme Corp | Contoso | Initech | Globex | JPMorgan Chase | Eli Lilly |
Max Planck Institut | Marks & Spencer
""".split("|")
]
SLOT = re.compile(r"\{(\w+)\}")


def fill(template: str, language: str, names: Names) -> tuple[str, list[list[int]]]:
    """A template with its slots filled, and where the names stand."""
    rnd = names.random
    text = ""
    spans: list[list[int]] = []
    at = 0
    people: dict[str, tuple[str, str]] = {}
    for slot in SLOT.finditer(template):
        text += template[at : slot.start()]
        at = slot.end()
        key = slot[1]
        kind, number = key[0], key[-1] if key[-1].isdigit() else "0"
        if kind in "NFLIRGKXnfAMV":
            first, last = people.setdefault(number, names.pair(language))
            value = {
                "N": f"{first} {last}",
                "F": first,
                "L": last,
                "R": f"{last}, {first}",
                "V": f"{last} {first}",
                "I": f"{first[0]}. {last}"
                if rnd.random() < 0.7
                else f"{first[0]}. {rnd.choice('ABCDEGHJKLMPRSTW')}. {last}",
                "M": f"{first} {rnd.choice('ABCDEGHJKLMPRSTW')}. {last}",
                "n": f"{first} {last}".lower(),
                "f": first.lower(),
                "A": f"{first} {last}".upper(),
                "G": inflected(f"{first} {last}", "g", language),
                "K": inflected(f"{first} {last}", "d", language),
                "X": inflected(f"{first} {last}", "i", language),
            }[kind]
            spans.append([len(text), len(text) + len(value)])
        elif kind == "C":
            value = rnd.choice(CITIES if rnd.random() < 0.2 or not names.cities else names.cities)
            if language in ("ru", "uk"):
                value = rnd.choice(names.cyrillic or CITIES)
        elif kind == "Q":
            value = rnd.choice(names.countries.get(language) or ["Portugal"])
        elif kind == "U":
            value, _ = fill(rnd.choice(TOLD["organisations"][language]), language, names)
        elif kind == "O":
            value = rnd.choice(ORGS)
        elif kind == "E":
            first, last = people.setdefault(number, names.pair(language))
            value = re.sub(r"[^a-z.@]", "", f"{first}.{last}@example.com".lower()) or "info@example.com"
        elif kind == "W":
            value = rnd.choice(TOLD["verbs"][language])
        elif kind == "D":
            value = f"{rnd.randint(1, 28):02d}.{rnd.randint(1, 12):02d}.{rnd.randint(1950, 2026)}"
        elif kind == "Z":
            value = str(rnd.randint(1, 99999))
        else:
            raise ValueError(f"no slot {key}")
        text += value
    return text + template[at:], spans


def generated(seed: int, rounds: int, places: str) -> Iterator[tuple[str, list[list[int]]]]:
    """Templates filled."""
    names = Names(seed, places)
    for _ in range(rounds):
        for language, templates in TOLD["encyclopaedic"].items():
            for template in templates:
                yield fill(template, language, names)
        for language in TOLD["verbs"]:
            for template in TOLD["spoken"][""]:
                yield fill(template, language, names)
        for language, templates in TOLD["languages"].items():
            for template in templates:
                yield fill(template, language, names)
        for language in LOCALES:
            for template in TOLD["forms"][""]:
                if names.random.random() < 0.25:
                    yield fill(template, language, names)
    for _ in range(max(1, rounds // 2)):
        for template in TOLD["negatives"][""]:
            yield fill(template, "en", names)


def swapped(text: str, spans: list[list[int]], language: str, names: Names) -> tuple[str, list[list[int]]]:
    """The same text with other people in it, so that the words around them are what is learnt."""
    made = ""
    at = 0
    new: list[list[int]] = []
    for start, end in spans:
        old = text[start:end]
        if not re.fullmatch(r"[^\W\d_]+(?:[ -][^\W\d_]+)*", old) or old.islower():
            value = old
        else:
            first, last = names.pair(language)
            value = f"{first} {last}" if " " in old else last if names.random.random() < 0.6 else first
            if old.isupper() and len(old) > 3:
                value = value.upper()
        made += text[at:start]
        new.append([len(made), len(made) + len(value)])
        made += value
        at = end
    return made + text[at:], new


def material(args: argparse.Namespace, rnd: random.Random) -> Iterator[tuple[str, list[list[int]], float]]:
    """(text, spans, weight)"""
    names = Names(args.seed)
    per_language: Counter[str] = Counter()
    rows = []
    for line in Path(args.corpora).read_text().splitlines():
        row = json.loads(line)
        if row["use"] == "train":
            rows.append(row)
            per_language[row["lang"]] += 1
    held = ""
    held_spans: list[list[int]] = []
    held_lang = ""
    for row in rows:
        text = row["text"]
        spans = [
            span
            for span in row["spans"]
            if text[span[0]] not in "@#" and text[span[0] - 1 : span[0]] not in ("@", "#")
        ]
        share = args.share.get(row["src"].partition("-")[0], 1.0)
        if rnd.random() > share:
            continue
        yield text, spans, 1.0
        if spans and rnd.random() < 0.6:
            yield (*swapped(text, spans, row["lang"], names), 1.0)
        roll = rnd.random()
        if roll < 0.03:
            yield text.upper(), spans, 0.7
        elif roll < 0.08:
            yield text.lower(), spans, 0.7
        # Two together, as in a text of several lines.
        if row["lang"] == held_lang and rnd.random() < 0.2 and len(text) + len(held) < 600:
            moved = [[start + len(held) + 1, end + len(held) + 1] for start, end in spans]
            yield f"{held}\n{text}", held_spans + moved, 0.7
        held, held_spans, held_lang = text, spans, row["lang"]
    for text, spans in generated(args.seed, args.rounds, args.places):
        if len(text) != len(text.upper()):
            continue
        yield text, spans, 0.8
        roll = rnd.random()
        if roll < 0.02:
            yield text.upper(), spans, 0.5
        elif roll < 0.06:
            yield text.lower(), spans, 0.5
    if args.interfaces:
        seen: Counter[str] = Counter()
        for line in Path(args.interfaces).read_text().splitlines():
            row = json.loads(line)
            if row["use"] == "train" and seen[row["lang"]] < args.interface_count:
                seen[row["lang"]] += 1
                yield row["text"], [], 1.0
    if args.benign:
        for _, text in json.loads(Path(args.benign).read_text())[: args.benign_count]:
            lines = text.split("\n")
            for place in range(0, len(lines), 4):
                piece = "\n".join(lines[place : place + 4])
                if not re.search(r"@|[Aa]uthor|[Bb]y |Copyright|thanks|Thanks", piece) and len(piece) > 20:
                    yield piece, [], args.benign_weight


Instance = tuple[list[list[int]], list[int], list[int], float]


class Trainer:
    """The conditional random field and its gradient."""

    def __init__(self, rate: float, decay: float) -> None:
        self.rate = rate
        self.decay = decay
        self.weights: list[float] = []
        self.squares: list[float] = []
        self.moves = [[0.0, 0.0, 0.0, 0.0] for _ in GAPS]
        self.move_squares = [[1.0] * 4 for _ in GAPS]

    def grow(self, count: int) -> None:
        """Room for so many features."""
        self.weights = [0.0] * count
        self.squares = [0.1] * count

    def step(self, instance: Instance) -> float:
        """One sentence; its loss."""
        features, gaps, labels, weight = instance
        weights = self.weights
        count = len(features)
        scores = [sum([weights[name] for name in names]) for names in features]
        # log-space forward and backward with two labels
        alpha = [(0.0, scores[0])]
        for place in range(1, count):
            m = self.moves[gaps[place]]
            a0, a1 = alpha[-1]
            alpha.append((_add(a0 + m[0], a1 + m[2]), _add(a0 + m[1], a1 + m[3]) + scores[place]))
        beta = [(0.0, 0.0)] * count
        for place in range(count - 1, 0, -1):
            m = self.moves[gaps[place]]
            b0, b1 = beta[place]
            one = b1 + scores[place]
            beta[place - 1] = (_add(m[0] + b0, m[1] + one), _add(m[2] + b0, m[3] + one))
        total = _add(*alpha[-1])
        loss = 0.0
        for place in range(count):
            probability = math.exp(min(0.0, alpha[place][1] + beta[place][1] - total))
            error = (labels[place] - probability) * weight
            loss += abs(error)
            if abs(error) > 0.002:
                for name in features[place]:
                    self.squares[name] += error * error
                    weights[name] += (
                        self.rate * error / math.sqrt(self.squares[name]) - self.decay * weights[name]
                    )
            if place:
                m = self.moves[gaps[place]]
                gradient = [0.0] * 4
                for before in (0, 1):
                    for after in (0, 1):
                        pair = (
                            alpha[place - 1][before]
                            + m[before * 2 + after]
                            + (scores[place] if after else 0.0)
                            + beta[place][after]
                            - total
                        )
                        gradient[before * 2 + after] -= math.exp(min(0.0, pair))
                gradient[labels[place - 1] * 2 + labels[place]] += 1.0
                squares = self.move_squares[gaps[place]]
                for at in range(4):
                    squares[at] += gradient[at] * gradient[at]
                    m[at] += 0.5 * self.rate * gradient[at] * weight / math.sqrt(squares[at])
        return loss


def _add(one: float, two: float) -> float:
    if one < two:
        one, two = two, one
    return one + math.log1p(math.exp(two - one))


def main() -> None:
    """Trains and writes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpora", required=True)
    parser.add_argument("--benign", default="")
    parser.add_argument("--benign-count", type=int, default=350)
    parser.add_argument("--old-share", type=float, default=0.5)
    parser.add_argument("--tweets", type=float, default=1.0)
    parser.add_argument("--places", default="")
    parser.add_argument("--interfaces", default="")
    parser.add_argument("--interface-count", type=int, default=1500)
    parser.add_argument("--benign-weight", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--min-count", type=int, default=3)
    parser.add_argument("--prune", type=float, default=0.06)
    parser.add_argument("--out", default=str(DATA / "person_model.txt"))
    parser.add_argument("--lexicon", default=str(DATA / "person_lexicon.txt"))
    args = parser.parse_args()
    args.share = {"europeana": args.old_share, "newseye": args.old_share, "wnut17": 0.8, "btc": args.tweets}
    rnd = random.Random(args.seed)
    lexicon = Lexicon.parse(Path(args.lexicon).read_text())
    model = Model({}, lexicon)
    ids: dict[str, int] = {}
    counts: Counter[int] = Counter()
    instances: list[Instance] = []
    for text, spans, weight in material(args, rnd):
        sighting = items_of(text, lexicon)
        if not sighting.items:
            continue
        inside = [False] * (len(text) + 1)
        for start, end in spans:
            for place in range(start, min(end, len(text))):
                inside[place] = True
        labels = [int(inside[item[0]]) for item in sighting.items]
        features = []
        for names in model.features(sighting):
            numbers = [ids.setdefault(name, len(ids)) for name in ("b", *names) if name]
            counts.update(numbers)
            features.append(numbers)
        instances.append((features, [GAPS.index(item[3] or "x") for item in sighting.items], labels, weight))
    print(
        len(instances),
        "texts",
        sum(len(item[2]) for item in instances),
        "words",
        sum(map(sum, (i[2] for i in instances))),
        "in names",
        len(ids),
        "features",
    )
    kept = {number for number, count in counts.items() if count >= args.min_count}
    for features, _, _, _ in instances:
        for place, numbers in enumerate(features):
            features[place] = [number for number in numbers if number in kept]
    trainer = Trainer(0.18, 0.0)
    trainer.grow(len(ids))
    for epoch in range(args.epochs):
        rnd.shuffle(instances)
        trainer.rate = 0.2 / (1 + 0.25 * epoch)
        loss = sum(trainer.step(instance) for instance in instances)
        print("epoch", epoch, "loss", round(loss), flush=True)
    sections: dict[tuple[int, int], list[str]] = defaultdict(list)
    for name, number in ids.items():
        weight = trainer.weights[number]
        if abs(weight) >= args.prune or name == "b":
            place = next(
                (at for at, prefix in enumerate(PLACES[:-1]) if name.startswith(prefix)), len(PLACES) - 1
            )
            sections[place, round(weight * 100)].append(
                name[len(PLACES[place]) :] if PLACES[place] != "*" else name
            )
    for gap, moves in zip(GAPS, trainer.moves, strict=True):
        for at, weight in enumerate(moves):
            sections[len(PLACES) - 1, round(weight * 100)].append(f"m{gap}{at // 2}{at % 2}")
    lines = ["# Weights of the recogniser of person names; made by bench/detect/train_people.py."]
    for place, weight in sorted(sections):
        lines.append(f"= {PLACES[place]} {weight}")
        lines.extend(sorted(sections[place, weight]))
    Path(args.out).write_text("\n".join(lines) + "\n")
    print(len(lines), "weights,", Path(args.out).stat().st_size, "bytes")


if __name__ == "__main__":
    main()
