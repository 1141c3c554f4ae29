"""
Labelled texts with document labels, source code, listings and licence headers, and ordinary texts that
speak of them.

Labels, keys and sentences were written for themselves, in thirteen languages, from public classification
guides; programs are put together from each language's usual constructs with made-up names. Nothing here
reads the detectors. A quarter of the texts are hard negatives: "confidential" in a sentence, lists of
levels, a line of code in a chat, a licence that is mentioned. The same seed gives the same texts.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

__all__ = ["Labelled", "generate", "negatives"]

Labelled = tuple[str, list[tuple[int, int, str]]]
"""A text, and (start, end, type) of what it is, in code points."""

_LABELS = (
    "CONFIDENTIAL", "Confidential", "Strictly Confidential", "STRICTLY CONFIDENTIAL",
    "Company Confidential",
    "Internal Use Only", "INTERNAL USE ONLY", "For internal use only", "Commercial in Confidence",
    "DO NOT DISTRIBUTE",
    "Not for distribution", "Vertraulich", "VERTRAULICH", "Streng vertraulich", "STRENG VERTRAULICH",
    "Nur für den internen Gebrauch", "Geschäftsgeheimnis", "Confidentiel", "CONFIDENTIEL",
    "Strictement confidentiel",
    "Usage interne", "Diffusion limitée", "Confidencial", "CONFIDENCIAL", "Estrictamente confidencial",
    "Uso interno",
    "Riservato", "Strettamente riservato", "RISERVATO", "Vertrouwelijk", "Strikt vertrouwelijk", "Poufne",
    "Ściśle poufne",
    "Důvěrné", "Bizalmas", "Strängt konfidentiellt", "Strengt fortroligt", "Fortrolig", "Luottamuksellinen",
    "Конфиденциально", "Строго конфиденциально", "КОНФИДЕНЦИАЛЬНО", "Коммерческая тайна",
    "Для служебного пользования",
    "Çok gizli", "社外秘", "極秘", "内部资料", "绝密", "대외비",
)  # fmt: skip
_MARKINGS = (
    "TOP SECRET//SI//NOFORN", "SECRET//NOFORN", "CUI//SP-PRVCY", "NATO RESTRICTED", "NATO SECRET",
    "OFFICIAL-SENSITIVE",
    "RESTREINT UE/EU RESTRICTED", "VS-NfD", "VS - NUR FÜR DEN DIENSTGEBRAUCH", "UK EYES ONLY",
)  # fmt: skip
_LEGAL = (
    "ATTORNEY-CLIENT PRIVILEGED", "Attorney Work Product", "PRIVILEGED AND CONFIDENTIAL",
    "WITHOUT PREJUDICE", "Subject to Contract",
)  # fmt: skip
_BODIES = (
    "The results of the third quarter are attached. Please read section two first.",
    "Der Bericht fasst die Lage zusammen. Die Zahlen folgen in der Anlage.",
    "Le compte rendu de la réunion se trouve ci-dessous, avec les points ouverts.",
    "El informe resume los puntos pendientes y las decisiones de la reunión.",
    "Il verbale riassume i punti aperti e le decisioni prese in riunione.",
    "Het verslag vat de open punten samen en noemt wie ze afhandelt.",
    "Raport zawiera podsumowanie spotkania i listę otwartych spraw.",
    "Отчёт описывает итоги встречи и открытые вопросы на следующую неделю.",
    "Minutes of the board: budget approved, two sites to be closed, staff to be told in May.",
)  # fmt: skip
_COMPANIES = (
    "Acme GmbH",
    "Northwind Ltd",
    "Contoso",
    "Globex Corp",
    "Initech",
    "Umbra Bank AG",
    "Soylent BV",
)
_NAMES = (
    "load",
    "save",
    "parse",
    "render",
    "send",
    "check",
    "count",
    "merge",
    "close",
    "update",
    "find",
    "build",
)
_NOUNS = (
    "order",
    "invoice",
    "customer",
    "ledger",
    "ticket",
    "account",
    "parcel",
    "report",
    "session",
    "tariff",
)


def _pick(marked: str, kind: str, before: str, after: str) -> Labelled:
    return before + marked + after, [(len(before), len(before) + len(marked), kind)]


# --- documents ----------------------------------------------------------------------------------------------


def _label(rng: random.Random) -> Labelled:
    label = rng.choice(_LABELS)
    body = "\n".join(rng.sample(_BODIES, 3))
    company, page = rng.choice(_COMPANIES), rng.randint(1, 40)
    before, after = rng.choice(
        (
            ("", f"\n\n{body}"),
            (f"{body}\n\n", ""),
            (f"{company} - ", f" - Page {page}\n{body}"),
            (f"{company} | ", f" | {page}\n\n{body}"),
            (f"{body}\n© {rng.randint(2015, 2026)} {company} | ", f" | Page {page}"),
            ("*** ", f" ***\n{body}"),
            ("[", f"]\n{body}"),
            (f"Report {page}/{rng.randint(2015, 2026)}\n", f"\n{body}"),
            ("**", f"**\n\n{body}"),
            ("# ", f"\n\n{body}"),
        )
    )
    return _pick(label, "document_label", before, after)


def _keyed(rng: random.Random) -> Labelled:
    key, label = rng.choice(
        (
            ("Classification: ", "Confidential"), ("Classification: ", "internal"), ("Sensitivity: ",
            "Highly Confidential"),
            ("Klassifizierung: ", "streng vertraulich"), ("Vertraulichkeit: ", "intern"),
            ("Data classification = ", "restricted"),
            ('"classification": "', "confidential"), ('"sensitivity_label": "', "internal use only"),
            ("Document classification: ", "Restricted"), ("Clasificación: ", "Confidencial"),
            ("Classificatie: ", "Vertrouwelijk"),
            ("Classificazione: ", "Riservato"), ("| Classification | ", "Confidential"), ("Einstufung: ",
            "Vertraulich"),
        )
    )  # fmt: skip
    tail = '",' if '"' in key else rng.choice(("", "\nOwner: Finance", "\nVersion: 1.2"))
    before = f"Title: {rng.choice(_NOUNS)}\n{key}"
    return _pick(label, "document_label", before, f"{tail}\n{rng.choice(_BODIES)}")


def _marking(rng: random.Random) -> Labelled:
    body = "\n".join(rng.sample(_BODIES, 2))
    return _pick(rng.choice(_MARKINGS), "classification_marking", "", f"\n\n{body}")


def _legal(rng: random.Random) -> Labelled:
    head = rng.choice(("", "Re: offer of May\n", "Dear Sirs,\n\n"))
    return _pick(rng.choice(_LEGAL), "legal_privilege", head, f"\n\n{rng.choice(_BODIES)}")


def _tlp(rng: random.Random) -> Labelled:
    mark = rng.choice(("TLP:RED", "TLP:AMBER", "TLP:AMBER+STRICT"))
    before = rng.choice(("", "Advisory ", "Distribution: "))
    return _pick(mark, "tlp_label", before, f"\n{rng.choice(_BODIES)}")


def _property(rng: random.Random) -> Labelled:
    guid = "-".join(f"{rng.getrandbits(4 * size):0{size}x}" for size in (8, 4, 4, 4, 12))
    label = rng.choice(("Confidential", "Highly Confidential", "Internal", "Restricted - Board"))
    before, kind = rng.choice(
        (
            (
                f"property MSIP_Label_{guid}_Enabled: true\nproperty MSIP_Label_{guid}_Name: ",
                "sensitivity_label",
            ),
            (f"msip_labels: MSIP_Label_{guid}_Enabled=True; MSIP_Label_{guid}_Name=", "sensitivity_label"),
        )
    )
    between = "\n" if before.startswith("property") else ";\n\n"
    return _pick(label, kind, before, f"{between}{rng.choice(_BODIES)}")


def _mail(rng: random.Random) -> Labelled:
    value = rng.choice(("Company-Confidential", "Private", "Confidential"))
    key = rng.choice(("Sensitivity", "X-Sensitivity", "x-classification"))
    before = f"From: a@example.org\nTo: b@example.org\n{key}: "
    return _pick(value, "sensitivity_header", before, f"\nSubject: x\n\n{rng.choice(_BODIES)}")


# --- programs -----------------------------------------------------------------------------------------------


def _python(n: str, f: str, g: str) -> str:
    return (
        f"def {f}_{n}(path):\n    rows = []\n    with open(path) as file:\n        for line in file:\n"
        f"            rows.append(line.split(','))\n"
        f"    return rows\n\n\ndef {g}_{n}(rows, limit=10):\n"
        f"    found = [row for row in rows if row[0]]\n    if len(found) > limit:\n"
        f"        raise ValueError('too many')\n    return found\n"
    )


def _javascript(n: str, f: str, g: str) -> str:
    return (
        f"const {n}s = new Map();\n\nasync function {f}{n.title()}(id) {{\n"
        f"  const response = await fetch(`/api/{n}/${{id}}`);\n"
        f"  if (!response.ok) {{\n    throw new Error('failed');\n  }}\n  return response.json();\n}}\n\n"
        f"function {g}All(list) {{\n  list.forEach((item) => {{\n    {n}s.set(item.id, item);\n  }});\n"
        f"}}\n\nmodule.exports = {{ {f}{n.title()} }};\n"
    )


def _typescript(n: str, f: str, g: str) -> str:
    name = n.title()
    return (
        f"import {{ Injectable }} from '@app/core';\n\nexport interface {name} {{\n  id: string;\n"
        f"  total: number;\n}}\n\n"
        f"export class {name}Service {{\n  private readonly items: {name}[] = [];\n\n"
        f"  public {f}(id: string): {name} | undefined {{\n"
        f"    return this.items.find((item) => item.id === id);\n  }}\n\n"
        f"  public async {g}(): Promise<void> {{\n    await Promise.all([]);\n  }}\n}}\n"
    )


def _java(n: str, f: str, g: str) -> str:
    name = n.title()
    return (
        f"package com.example.{n};\n\nimport java.util.List;\nimport java.util.ArrayList;\n\n"
        f"public class {name}Service {{\n"
        f"    private final List<{name}> items = new ArrayList<>();\n\n"
        f"    public {name} {f}(String id) {{\n        for ({name} item : items) {{\n"
        f"            if (item.getId().equals(id)) {{\n                return item;\n            }}\n"
        f"        }}\n        return null;\n    }}\n\n"
        f"    public void {g}({name} item) {{\n        items.add(item);\n    }}\n}}\n"
    )


def _c(n: str, f: str, g: str) -> str:
    return (
        f'#include <stdlib.h>\n#include "{n}.h"\n\n#define MAX_{n.upper()} 128\n\n'
        f"static int {f}_{n}(struct {n} *list, size_t count)\n{{\n"
        f"\tsize_t i;\n\tint total = 0;\n\n\tfor (i = 0; i < count; i++) {{\n\t\tif (list[i].used)\n"
        f"\t\t\ttotal += list[i].amount;\n\t}}\n"
        f"\treturn total;\n}}\n\nvoid {g}_{n}(struct {n} *one)\n{{\n\tfree(one->name);\n}}\n"
    )


def _cpp(n: str, f: str, g: str) -> str:
    name = n.title()
    return (
        f"#include <vector>\n#include <string>\n\nnamespace shop {{\n\nclass {name} {{\npublic:\n"
        f"    explicit {name}(std::string id) : id_(std::move(id)) {{}}\n"
        f"    const std::string& id() const {{ return id_; }}\nprivate:\n    std::string id_;\n}};\n\n"
        f"std::vector<{name}> {f}(const std::string& path) {{\n"
        f"    std::vector<{name}> found;\n    for (const auto& line : lines(path)) {{\n"
        f"        found.emplace_back(line);\n    }}\n    return found;\n}}\n}}\n"
    )


def _csharp(n: str, f: str, g: str) -> str:
    name = n.title()
    return (
        f"using System;\nusing System.Collections.Generic;\n\nnamespace Shop.{name}s\n{{\n"
        f"    public sealed class {name}\n    {{\n"
        f"        public string Id {{ get; set; }}\n"
        f"        public decimal Total {{ get; private set; }}\n\n"
        f"        public void {f.title()}(decimal amount)\n"
        f"        {{\n            if (amount < 0) throw new ArgumentException();\n"
        f"            Total += amount;\n        }}\n    }}\n}}\n"
    )


def _go(n: str, f: str, g: str) -> str:
    name = n.title()
    return (
        f'package {n}\n\nimport (\n\t"errors"\n\t"fmt"\n)\n\ntype {name} struct {{\n\tID    string\n'
        f"\tTotal int64\n}}\n\n"
        f"func (o *{name}) {f.title()}(amount int64) error {{\n\tif amount <= 0 {{\n"
        f'\t\treturn errors.New("amount")\n\t}}\n\to.Total += amount\n\treturn nil\n}}\n\n'
        f'func {g.title()}(id string) string {{\n\treturn fmt.Sprintf("{n}-%s", id)\n}}\n'
    )


def _rust(n: str, f: str, g: str) -> str:
    name = n.title()
    return (
        f"use std::collections::HashMap;\n\n#[derive(Debug, Clone)]\npub struct {name} {{\n"
        f"    id: String,\n    total: u64,\n}}\n\nimpl {name} {{\n"
        f"    pub fn {f}(&mut self, amount: u64) -> Result<(), String> {{\n        if amount == 0 {{\n"
        f'            return Err("amount".into());\n        }}\n'
        f"        self.total += amount;\n        Ok(())\n    }}\n}}\n\n"
        f"pub fn {g}(all: &HashMap<String, {name}>) -> u64 {{\n"
        f"    all.values().map(|one| one.total).sum()\n}}\n"
    )


def _ruby(n: str, f: str, g: str) -> str:
    return (
        f"require 'json'\n\nclass {n.title()}\n  attr_reader :id, :total\n\n  def initialize(id)\n"
        f"    @id = id\n    @total = 0\n  end\n\n"
        f"  def {f}(amount)\n    raise ArgumentError if amount.zero?\n\n    @total += amount\n  end\n\n"
        f"  def self.{g}(path)\n    File.readlines(path).map do |line|\n      new(line.strip)\n    end\n"
        f"  end\nend\n"
    )


def _php(n: str, f: str, g: str) -> str:
    return (
        f"<?php\n\nnamespace App\\Models;\n\nclass {n.title()}\n{{\n    private $total = 0;\n\n"
        f"    public function {f}($amount)\n    {{\n"
        f"        if ($amount <= 0) {{\n            throw new \\InvalidArgumentException('amount');\n"
        f"        }}\n        $this->total += $amount;\n        return $this;\n    }}\n"
        f"    public function {g}()\n    {{\n        return $this->total;\n    }}\n}}\n"
    )


def _kotlin(n: str, f: str, g: str) -> str:
    return (
        f"package com.example.{n}\n\ndata class {n.title()}(val id: String, var total: Long = 0)\n\n"
        f"class {n.title()}Store {{\n"
        f"    private val items = mutableListOf<{n.title()}>()\n\n"
        f"    fun {f}(id: String): {n.title()}? {{\n        return items.firstOrNull {{ it.id == id }}\n"
        f"    }}\n\n"
        f"    suspend fun {g}(item: {n.title()}) {{\n        items.add(item)\n    }}\n}}\n"
    )


def _swift(n: str, f: str, g: str) -> str:
    return (
        f"import Foundation\n\nstruct {n.title()} {{\n    let id: String\n    var total: Int\n}}\n\n"
        f"final class {n.title()}Store {{\n"
        f"    private var items: [{n.title()}] = []\n\n    func {f}(_ id: String) -> {n.title()}? {{\n"
        f"        guard let found = items.first(where: {{ $0.id == id }}) else {{\n"
        f"            return nil\n        }}\n        return found\n    }}\n\n"
        f"    func {g}(_ item: {n.title()}) {{\n        items.append(item)\n    }}\n}}\n"
    )


def _shell(n: str, f: str, g: str) -> str:
    return (
        f'#!/bin/bash\nset -euo pipefail\n\n{f}_{n}() {{\n    local file="$1"\n'
        f'    if [[ ! -f "$file" ]]; then\n        echo "no $file" >&2\n'
        f'        return 1\n    fi\n    wc -l < "$file"\n}}\n\nfor file in /srv/{n}/*.csv; do\n'
        f'    {f}_{n} "$file"\ndone\n'
    )


def _powershell(n: str, f: str, g: str) -> str:
    return (
        f"function Get-{n.title()}Report {{\n    [CmdletBinding()]\n    param(\n"
        f"        [Parameter(Mandatory)]\n        [string]$Path\n    )\n"
        f"    $rows = Import-Csv $Path\n"
        f"    $rows | Where-Object {{ $_.Total -gt 0 }} | ForEach-Object {{\n"
        f"        Write-Host $_.Name\n    }}\n"
        f"    $sum = ($rows | Measure-Object Total -Sum).Sum\n    return $sum\n}}\n"
    )


def _sql(n: str, f: str, g: str) -> str:
    return (
        f"SELECT c.name, COUNT(*) AS {n}s\nFROM customers c\nLEFT JOIN {n}s o ON o.customer_id = c.id\n"
        f"WHERE o.created > '2025-01-01'\n"
        f"GROUP BY c.name\nHAVING COUNT(*) > 3\nORDER BY 2 DESC;\n\nUPDATE {n}s SET checked = 1\n"
        f"WHERE id IN (\n    SELECT id FROM {n}s WHERE total > 100\n);\n"
    )


def _lua(n: str, f: str, g: str) -> str:
    return (
        f"local {n} = {{}}\n\nfunction {n}.{f}(path)\n  local rows = {{}}\n"
        f"  for line in io.lines(path) do\n    if line ~= '' then\n"
        f"      table.insert(rows, line)\n    end\n  end\n  return rows\nend\n\n"
        f"local function {g}(rows)\n  return #rows\nend\n\nreturn {n}\n"
    )


def _terraform(n: str, f: str, g: str) -> str:
    return (
        f'variable "region" {{\n  type = string\n}}\n\nresource "aws_s3_bucket" "{n}" {{\n'
        f'  bucket = var.bucket_name\n  tags = {{\n    Name = "{n}"\n  }}\n}}\n\n'
        f'module "{f}" {{\n  source = "./modules/{f}"\n  vpc_id = data.aws_vpc.main.id\n}}\n'
    )


_PROGRAMS: tuple[Callable[[str, str, str], str], ...] = (
    _python, _javascript, _typescript, _java, _c, _cpp, _csharp, _go, _rust, _ruby, _php, _kotlin, _swift,
    _shell,
    _powershell, _sql, _lua, _terraform,
)  # fmt: skip


def _source(rng: random.Random) -> Labelled:
    first, second = rng.sample(_NAMES, 2)
    code = rng.choice(_PROGRAMS)(rng.choice(_NOUNS), first, second).rstrip("\n")
    before, after = rng.choice(
        (
            ("", ""),
            ("Why does this fail?\n\n", "\n\nIt worked yesterday."),
            ("Please review the following:\n\n```\n", "\n```\n\nThank you."),
            ("Bitte prüfen:\n\n", "\n\nDanke und Gruß"),
        )
    )
    return _pick(code, "source_code", before, after)


# --- listings -----------------------------------------------------------------------------------------------


def _diff(rng: random.Random) -> Labelled:
    noun = rng.choice(_NOUNS)
    text = (
        f"diff --git a/{noun}.py b/{noun}.py\nindex 83db48f..bf2a9c1 100644\n--- a/{noun}.py\n"
        f"+++ b/{noun}.py\n@@ -10,4 +10,5 @@ def total():\n"
        f"     rows = load()\n-    return sum(rows)\n+    rows = clean(rows)\n+    return sum(rows)\n"
        f"     # end"
    )
    return _pick(text, "diff", rng.choice(("", "My patch:\n\n")), rng.choice(("", "\n\nOk to merge?")))


def _dump(rng: random.Random) -> Labelled:
    noun = rng.choice(_NOUNS)
    rows = [
        f"INSERT INTO `{noun}` VALUES ({number},'n{number}',{rng.randint(1, 999)});"
        for number in range(rng.randint(6, 20))
    ]
    create = f"CREATE TABLE `{noun}` (\n  `id` int NOT NULL,\n  `name` text\n);"
    head = rng.choice(("-- MySQL dump 10.13  Distrib 8.0.36\n\n", "", "-- PostgreSQL database dump\n\n"))
    return _pick("\n".join((head + create, *rows)), "sql_dump", rng.choice(("", "Import fails:\n\n")), "")


def _trace(rng: random.Random) -> Labelled:
    noun = rng.choice(_NOUNS)
    text = rng.choice(
        (
            f'Traceback (most recent call last):\n  File "/srv/{noun}/main.py", line 40, in <module>\n'
            f"    main()\n"
            f'  File "/srv/{noun}/{noun}.py", line 7, in main\n    load(None)\nTypeError: expected text',
            f'Exception in thread "main" java.lang.IllegalStateException: {noun}\n'
            f"\tat com.example.{noun}.Store.load(Store.java:88)\n"
            f"\tat com.example.{noun}.Main.run(Main.java:21)\n"
            "\tat com.example.{noun}.Main.main(Main.java:9)",
            f"TypeError: Cannot read properties of undefined (reading '{noun}')\n"
            f"    at find (/home/app/src/{noun}.js:12:9)\n"
            f"    at run (/home/app/src/main.js:4:3)\n"
            "    at Object.<anonymous> (/home/app/src/main.js:9:1)",
            f"Unhandled exception. System.NullReferenceException: {noun}\n"
            f"   at Shop.{noun.title()}.Load(String id) in C:\\src\\{noun}.cs:line 31\n"
            f"   at Shop.Program.Main(String[] args) in C:\\src\\Program.cs:line 8",
        )
    )
    before = rng.choice(("", "I get this:\n\n"))
    return _pick(text, "stack_trace", before, rng.choice(("", "\n\nWhat is wrong?")))


def _env(rng: random.Random) -> Labelled:
    noun = rng.choice(_NOUNS).upper()
    lines = [
        "APP_ENV=production", f"{noun}_HOST=10.1.{rng.randint(0, 255)}.9", f"{noun}_PORT=5432",
        f"{noun}_USER=svc",
        f"{noun}_PASSWORD=changeme", "LOG_LEVEL=info", "CACHE_URL=redis://cache.example:6379",
    ]  # fmt: skip
    rng.shuffle(lines)
    prefix = rng.choice(("", "", "export "))
    text = "\n".join(prefix + line for line in lines)
    return _pick(text, "env_file", rng.choice(("", "My .env:\n\n")), "")


def _licence(rng: random.Random) -> Labelled:
    company, year = rng.choice(_COMPANIES), rng.randint(2005, 2026)
    mark, before, after, kind = rng.choice(
        (
            ("// SPDX-License-Identifier: MIT", "", "\n#pragma once", "licence_header"),
            (
                " * Permission is hereby granted, free of charge, to any person",
                "/*\n",
                " obtaining\n */",
                "licence_header",
            ),
            (
                "# Licensed under the Apache License, Version 2.0",
                "",
                ' (the "License");\nimport os',
                "licence_header",
            ),
            (
                f"// Copyright (c) {year} {company} Inc. All rights reserved.",
                "",
                "\n// Unauthorized copying is strictly prohibited.\n",
                "proprietary_header",
            ),
            (f"/* CONFIDENTIAL AND PROPRIETARY - {company} */", "", "\nint x;", "proprietary_header"),
            (
                f"# Proprietary and confidential. Copyright {year} {company} Ltd",
                "",
                "\nimport os",
                "proprietary_header",
            ),
        )
    )
    return _pick(mark, kind, before, after)


def _registry(rng: random.Random) -> Labelled:
    noun = rng.choice(_NOUNS)
    value, before = rng.choice(
        (
            (f"nexus.{noun}.example/repository/pypi", "pip install --index-url https://"),
            (f"{rng.randint(10**11, 10**12 - 1)}.dkr.ecr.eu-central-1.amazonaws.com/{noun}/api", "FROM "),
            (f"{noun}corp.jfrog.io/artifactory/npm-local", "registry=https://"),
            (f"artifactory.{noun}.internal/maven", "<url>https://"),
        )
    )
    return _pick(value, "internal_registry", before, "\n")


# --- nothing ------------------------------------------------------------------------------------------------

_NOTHING = (
    "Everything you tell a lawyer is confidential, and attorney-client privilege protects it.",
    "Please keep this confidential. I would rather nobody knew.",
    "The committee met in private.\nConfidential matters were left for the next day, when all could come.",
    "Our levels are:\n\n1. Public\n2. Internal\n3. Confidential\n4. Strictly Confidential\n\n"
    "Take the lowest.",
    "| Level | Meaning |\n|---|---|\n| Confidential | Harm to the company |\n| Internal | For staff |",
    "Confidential computing keeps memory encrypted while a program runs.",
    "Die Unterlagen sind vertraulich zu behandeln und nach der Sitzung zu vernichten.",
    "Ce document n'est pas confidentiel, vous pouvez le partager.",
    "An internal server error occurred. Restricted shells and secret sharing are other topics.",
    "What does TLP:GREEN mean, and who made the traffic light protocol?",
    "This agreement is without prejudice to any rights that the parties have.",
    "The project has the MIT License; see the file LICENSE. All rights reserved is something else.",
    "© 2025 Example Weekly. All rights reserved.",
    "How do I write a for loop in Python? I tried for i in range(10): and it said invalid syntax.",
    "Use `git diff` and look at the lines with + and -.",
    "I ran pip install requests and then import requests worked.",
    "Call the function load(path) and return the value; then select a row from the list.",
    "Set LANG=C and TZ=UTC before you start the program.",
    "We insert into the table all values of the year, create table plans for the guests and update the menu",
    "Traceback is a word that Python uses. An Exception in thread main is what Java says.",
    "Classification: the model assigns one of ten classes to each picture.\nSensitivity: 0.93; share: 0.88",
    "Staff must not trade on inside information. A term sheet is a short contract.",
    "- buy milk\n- call the bank\n- draft the letter\n- Secret Santa on Friday",
    "The film Top Secret! is a comedy; NATO Secretary General is an office.",
    "Steps:\n  1. open the box\n  2. take out (carefully) the glass\n  3. close it\n\nThen: wait.",
)  # fmt: skip


def negatives(rng: random.Random) -> str:
    """A text that speaks of such things and is none of them."""
    return "\n\n".join(rng.sample((*_NOTHING, *_BODIES), rng.randint(1, 3)))


_MAKERS: tuple[tuple[Callable[[random.Random], Labelled], int], ...] = (
    (_label, 6), (_keyed, 2), (_marking, 1), (_legal, 1), (_tlp, 1), (_property, 1), (_mail, 1), (_source,
    8), (_diff, 1),
    (_dump, 1), (_trace, 2), (_env, 1), (_licence, 2), (_registry, 1),
)  # fmt: skip


def generate(seed: int, count: int) -> Iterator[Labelled]:
    """``count`` labelled texts; a quarter holds nothing."""
    rng = random.Random(seed)
    makers = [maker for maker, weight in _MAKERS for _ in range(weight)]
    for _ in range(count):
        if rng.random() < 0.25:
            yield negatives(rng), []
        else:
            yield rng.choice(makers)(rng)
