"""Uses the client that openapi-python-client has generated: generated_client.py FOLDER_OF_THE_PACKAGE URL"""

import json
import sys
import time

folder, url = sys.argv[1:]
sys.path.insert(0, folder)

from footfall_client import AuthenticatedClient
from footfall_client.api.analytics import read_users_user
from footfall_client.api.collect import send_events
from footfall_client.api.dead_letters import list_dead_letters, replay_dead_letters
from footfall_client.models import (
    Event,
    EventBatch,
    Item,
    ListDeadLettersReason,
    ListDeadLettersStatus,
    PatchValue,
    PatchValueOp,
    ReplayInput,
)


def client_with(key):
    return AuthenticatedClient(base_url=url, token=key, timeout=30)


def wait_for(what, probe):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        value = probe()
        if value:
            return value
        time.sleep(0.2)
    sys.exit(f"Waited 60 s for {what}.")


def profile():
    answer = read_users_user.sync_detailed("py-ada", client=reading)
    return answer.parsed.data if answer.status_code == 200 else None


def open_letters():
    answer = list_dead_letters.sync(
        client=admin, reason=ListDeadLettersReason.TOO_LATE, status=ListDeadLettersStatus.OPEN
    )
    return answer.data.letters


writing, reading, admin = (client_with(f"demo-{kind}-key") for kind in ("write", "read", "admin"))
order = Event(
    name="purchase",
    user_id="py-ada",
    transaction_id="py-1",
    currency="EUR",
    items=[Item(item_id="py-tea", price=10.5, quantity=2)],
)
week_ago = time.time() - 7 * 24 * 3600
late = Event(name="view_item", user_id="py-ada", id="py-late", timestamp=week_ago)
verdicts = send_events.sync(
    client=writing, body=EventBatch(events=[order, Event(name="", user_id="py-ada"), late])
)
bought = wait_for("the order", profile)
letters = wait_for("the letter", open_letters)
replayed = replay_dead_letters.sync(
    client=admin,
    body=ReplayInput(
        letters=[letter.letter for letter in letters],
        patch=[PatchValue(op=PatchValueOp.ADD, path="/backfill", value=True)],
    ),
)
viewed = wait_for("the view", lambda: profile().events.additional_properties.get("view_item"))
print(
    json.dumps(
        {
            "statuses": [verdict.status for verdict in verdicts.events],
            "purchases": bought.events["purchase"],
            "revenue": bought.money[0].revenue,
            "replayed": replayed.data.replayed,
            "views": viewed,
        }
    )
)
