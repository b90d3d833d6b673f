"""Sends a day with Segment's library for Python: segment_day.py URL WRITE_KEY < actions.json"""

import json
import sys

from segment.analytics.client import Client

url, write_key = sys.argv[1:]
failures = []
client = Client(
    write_key,
    host=url,
    gzip=True,
    on_error=lambda error, items: failures.append(error),
)


def number(value):
    return float("nan") if value == "nan" else value


def order_id(text):
    # As a database gives it.
    return int(text) if text.isdigit() else text


def product(line):
    return {
        "product_id": line["id"],
        "name": line["name"],
        "price": line["price"],
        # Python's arithmetic makes floats of whole numbers easily.
        "quantity": float(line["quantity"]),
        "coupon": None,
    }


for action in json.load(sys.stdin):
    kind, visitor = action["kind"], action["visitor"]
    if kind == "page":
        client.page(user_id=visitor, properties={"url": action["url"]})
    elif kind == "view":
        client.track(user_id=visitor, event="Product Viewed", properties=product(action["line"]))
    elif kind == "cart":
        client.track(user_id=visitor, event="Product Added", properties=product(action["line"]))
    elif kind == "order":
        properties = {
            "order_id": order_id(action["order"]),
            "currency": action["currency"],
            "total": number(action.get("total")),
            "products": [product(line) for line in action["lines"]],
        }
        for _ in range(action["copies"]):
            client.track(user_id=visitor, event="Order Completed", properties=properties)
    else:
        properties = {
            "order_id": order_id(action["order"]),
            "currency": action["currency"],
            "total": action.get("value"),
        }
        client.track(user_id=visitor, event="Order Refunded", properties=properties)

client.flush()
client.join()
if failures:
    sys.exit(repr(failures))
