"""
Scanners of payment, contact, network, date and money values.

One scanner to a kind of work, not to a detector: ``labelled`` alone serves dozens of detectors, each with its
own naming words. A hit is where a word or a shape ended; a scanner reads some tens of bytes around it.
"""

from __future__ import annotations

from sensor.detect.finding import Scanner
from sensor.detect.scanners.contact import accounts, cards, dates, labelled, mail, net, phones

__all__ = ["SCANNERS"]

SCANNERS: dict[str, Scanner] = {
    "card": cards.scan_cards,
    "iban": accounts.scan_ibans,
    "dates": dates.scan_dates,
    "ages": dates.scan_ages,
    "labelled": labelled.scan_labelled,
    "mail": mail.scan_mail,
    "ip": net.scan_ip,
    "phones": phones.scan_phones,
}
