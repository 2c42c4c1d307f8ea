# covid_reference.py - the example's results computed a second time: plain Python, exact fractions, no Spark, no shared code.
"""Reads the raw CSV as examples/covid/README.md describes it, not as the PySpark job does."""

import csv
import gzip
import re
from collections import Counter, defaultdict
from datetime import date
from fractions import Fraction

ADULT = "total_adult_patients_hospitalized_confirmed_covid"
PEDIATRIC = "total_pediatric_patients_hospitalized_confirmed_covid"
ICU = "staffed_icu_adult_patients_confirmed_covid"
ADMITTED = ("previous_day_admission_adult_covid_confirmed", "previous_day_admission_pediatric_covid_confirmed")
COUNTED = ("inpatient_beds", "inpatient_beds_used", ICU, ADULT, PEDIATRIC, *ADMITTED)


class Unreadable(ValueError):
    """A value that is there but is no number or no date."""


def number(text):
    if text == "":
        return None
    if not re.fullmatch(r"-?(\d+|\d{1,3}(,\d{3})+)", text):
        raise Unreadable(text)
    return int(text.replace(",", ""))


def day(text):
    found = re.fullmatch(r"(\d{4})[/-](\d{2})[/-](\d{2})", text)
    try:
        return date(*(int(part) for part in found.groups()))
    except (AttributeError, ValueError) as wrong:
        raise Unreadable(text) from wrong


def fault(row):
    """The first rule of the README that the record breaks, or None."""
    if not re.fullmatch("[A-Z]{2}", row["state"]):
        return "unknown state"
    try:
        day(row["date"])
    except Unreadable:
        return "unreadable date"
    try:
        n = {name: number(row[name]) for name in COUNTED}
    except Unreadable:
        return "unreadable count"
    known = {name: value for name, value in n.items() if value is not None}
    if any(value < 0 for value in known.values()):
        return "negative count"
    if not n["inpatient_beds"]:
        return "no inpatient beds"
    if "inpatient_beds_used" in known:
        if n["inpatient_beds_used"] > n["inpatient_beds"]:
            return "more beds used than there are"
        if ADULT in known and n[ADULT] + known.get(PEDIATRIC, 0) > n["inpatient_beds_used"]:
            return "more COVID-19 patients than patients"
    if ICU in known and ADULT in known and n[ICU] > n[ADULT]:
        return "more COVID-19 patients in ICU than in hospital"
    return None


def mean(values):
    values = [value for value in values if value is not None]
    return sum(values, Fraction(0)) / len(values) if values else None


def covid_rate(row):
    adult, pediatric, used = (number(row[name]) for name in (ADULT, PEDIATRIC, "inpatient_beds_used"))
    if adult is None or pediatric is None or not used:
        return None
    return Fraction(100 * (adult + pediatric), used)


def compute(path):
    """-> ({(state, month): (days, beds, icu, rate)} with exact fractions, {reason: records}, records read)"""
    months, removed, read = defaultdict(list), Counter(), 0
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            read += 1
            reason = fault(row)
            if reason:
                removed[reason] += 1
            else:
                months[row["state"], day(row["date"]).strftime("%Y-%m")].append(row)
    averages = {
        key: (
            len(rows),
            mean(number(row["inpatient_beds"]) for row in rows),
            mean(number(row[ICU]) for row in rows),
            mean(covid_rate(row) for row in rows),
        )
        for key, rows in months.items()
    }
    return averages, dict(removed), read


def differences(expected, table):
    """Where the rows of a result file (dicts of text, averages rounded to hundredths) are not the expected ones."""
    found = {(row["state"], row["month"]): row for row in table}
    wrong = [f"{key}: only on one side" for key in expected.keys() ^ found.keys()]
    for key in expected.keys() & found.keys():
        days, *averages = expected[key]
        row = found[key]
        if int(row["days"]) != days:
            wrong.append(f"{key} days: {row['days']}, not {days}")
        for name, exact in zip(("inpatient_beds", "icu_covid_patients", "covid_patient_rate"), averages, strict=True):
            same = (
                row[name] == ""
                if exact is None
                else row[name] != "" and abs(Fraction(row[name]) - exact) <= Fraction(5001, 10**6)
            )
            if not same:
                wrong.append(f"{key} {name}: {row[name]!r}, not {exact and float(exact)}")
    return wrong
