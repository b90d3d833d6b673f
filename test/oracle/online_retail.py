"""Counts UCI's Online Retail file by itself, with nothing but Python's standard library, so that the import
can be checked against another program's numbers.

usage: python3 online_retail.py FILE.csv[.gz]      prints JSON, money in pence

An invoice is an order, or a refund when its number begins with C. A line's amount is price x quantity, rounded
half away from zero to the penny; an invoice belongs to the Europe/London month and the country of its first
line, and to the customer of its first line. Without one it is a buyer's only invoice. The file's times are London wall clock already, so the month is simply the text's. Lines that the import
must refuse (a time, quantity or price that cannot be read, no product, no invoice, a wrong number of fields,
a time in the future) are left out.
"""

import csv
import gzip
import json
import re
import sys
from collections import defaultdict
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation


def pence(price, quantity):
    # decimal's ROUND_HALF_UP rounds the magnitude, that is away from zero.
    return int((Decimal(price) * quantity * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def instant(text):
    """The UTC time of London's wall clock. The hour that comes twice is the first; the one that is skipped is winter's."""
    wall = datetime.fromisoformat(text)

    def last_sunday(month, hour):
        day = datetime(wall.year, month, 31, hour)
        return day - timedelta(days=day.isoweekday() % 7)

    is_summer = last_sunday(3, 2) <= wall < last_sunday(10, 2)
    return wall - timedelta(hours=1) if is_summer else wall


def read(path):
    opened = gzip.open if path.endswith(".gz") else open
    with opened(path, "rt", encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        header = next(rows)
        for row in rows:
            if len(row) == len(header):
                yield dict(zip(header, (cell.strip() for cell in row)))
            elif row:
                yield None


def usable(row):
    try:
        when = datetime.fromisoformat(row["InvoiceDate"])
        price = Decimal(row["UnitPrice"])
    except (ValueError, InvalidOperation):
        return False
    return (
        when < datetime.now()
        and price.is_finite()
        and re.fullmatch(r"-?\d+", row["Quantity"]) is not None
        and row["StockCode"] != ""
        and row["InvoiceNo"] != ""
    )


def main(path):
    invoices = {}
    products = set()
    customers = set()
    rejected = 0
    lines = 0
    for row in read(path):
        lines += 1
        if row is None or not usable(row):
            rejected += 1
            continue
        number = row["InvoiceNo"]
        invoice = invoices.setdefault(
            number,
            {
                "time": instant(row["InvoiceDate"]),
                "month": row["InvoiceDate"][:7],
                "country": row["Country"],
                "buyer": row["CustomerID"] or "invoice " + number,
                "pence": 0,
            },
        )
        invoice["pence"] += pence(row["UnitPrice"], int(row["Quantity"]))
        products.add(row["StockCode"])
        if row["CustomerID"]:
            customers.add(row["CustomerID"])

    orders = {n: i for n, i in invoices.items() if not n.startswith("C")}
    refunds = {n: i for n, i in invoices.items() if n.startswith("C")}

    # What each buyer bought, the earliest first.
    bought = defaultdict(list)
    for number, invoice in sorted(orders.items(), key=lambda one: (one[1]["time"], one[0])):
        bought[invoice["buyer"]].append(invoice)

    def months(month):
        year, number = month.split("-")
        return int(year) * 12 + int(number)

    # By the month of the first order, and by how many months later it is: buyers, their orders, and the money until then.
    cohorts = {}
    for own in bought.values():
        cohort = cohorts.setdefault(own[0]["month"] + "-01", defaultdict(lambda: [set(), 0, 0]))
        for invoice in own:
            cell = cohort[months(invoice["month"]) - months(own[0]["month"])]
            cell[0].add(invoice["buyer"])
            cell[1] += 1
            cell[2] += invoice["pence"]

    def by(what):
        net = defaultdict(int)
        for invoice in invoices.values():
            net[invoice[what]] += invoice["pence"]
        return dict(sorted(net.items()))

    return {
        "lines": lines,
        "rejected": rejected,
        "orders": len(orders),
        "refunds": len(refunds),
        "customers": len(customers),
        "buyers": len(bought),
        "first_revenue": sum(own[0]["pence"] for own in bought.values()),
        "cohorts": {
            start: [[n, len(cell[0]), cell[1], cell[2]] for n, cell in sorted(cohort.items())]
            for start, cohort in sorted(cohorts.items())
        },
        "products": len(products),
        "gross_revenue": sum(i["pence"] for i in orders.values()),
        "refunded": -sum(i["pence"] for i in refunds.values()),
        "net_revenue_by_month": by("month"),
        "net_revenue_by_country": by("country"),
    }


print(json.dumps(main(sys.argv[1]), indent=2))
