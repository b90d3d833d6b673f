"""Sends a day with ga4mp, a client of GA4's Measurement Protocol: ga4mp_day.py URL API_SECRET MEASUREMENT_ID < actions.json"""

import json
import sys

from ga4mp import GtagMP

url, api_secret, measurement_id = sys.argv[1:]
clients = {}


def client_of(visitor):
    if visitor not in clients:
        client = GtagMP(api_secret=api_secret, measurement_id=measurement_id, client_id=visitor)
        client._base_domain = f"{url}/mp/collect"
        clients[visitor] = (client, [])
    return clients[visitor]


def number(value):
    return float("nan") if value == "nan" else value


def order_id(text):
    # As a database gives it.
    return int(text) if text.isdigit() else text


def add(event, line):
    item = event.create_new_item(item_id=line["id"], item_name=line["name"])
    item.set_parameter("price", line["price"])
    item.set_parameter("quantity", float(line["quantity"]))
    event.add_item_to_event(item)


for action in json.load(sys.stdin):
    kind = action["kind"]
    client, events = client_of(action["visitor"])
    copies = 1
    if kind == "page":
        event = client.create_new_event(name="page_view")
        event.set_event_param(name="page_location", value=action["url"])
        event.set_event_param(name="page_title", value="Shop")
    elif kind in ("view", "cart"):
        event = client.create_new_event(name="view_item" if kind == "view" else "add_to_cart")
        event.set_event_param(name="currency", value="EUR")
        event.set_event_param(name="value", value=action["line"]["price"])
        add(event, action["line"])
    elif kind == "order":
        event = client.create_new_event(name="purchase")
        event.set_event_param(name="currency", value=action["currency"])
        event.set_event_param(name="transaction_id", value=order_id(action["order"]))
        event.set_event_param(name="value", value=number(action.get("total")))
        for line in action["lines"]:
            add(event, line)
        copies = action["copies"]
    else:
        event = client.create_new_event(name="refund")
        event.set_event_param(name="currency", value=action["currency"])
        event.set_event_param(name="transaction_id", value=order_id(action["order"]))
        event.set_event_param(name="value", value=action.get("value"))
    events.extend([event] * copies)

for client, events in clients.values():
    client.send(events)
