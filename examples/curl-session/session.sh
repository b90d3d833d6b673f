#!/bin/sh
# A session with curl: send events, ask questions, and have a refused event counted.
set -eu

API=${FOOTFALL_URL:-http://localhost:3000}
WRITE='Authorization: Bearer demo-write-key'
READ='Authorization: Bearer demo-read-key'
ADMIN='Authorization: Bearer demo-admin-key'
JSON='Content-Type: application/json'
# An id counts once. A session that is run again needs ids, users and orders of its own.
RUN=$(date +%s)-$$

# Four events in one request. The answer has a verdict for each, and comes when Kafka has them.
SHOE='"item_id": "shoe-1", "item_name": "Red shoe", "item_category": "shoes", "price": "59.90"'
curl -sS --fail-with-body "$API/v1/events" -H "$WRITE" -H "$JSON" -d '{
  "events": [
    { "id": "view-'"$RUN"'", "name": "view_item", "user_id": "ana-'"$RUN"'", "items": [{ '"$SHOE"' }] },
    { "id": "cart-'"$RUN"'", "name": "add_to_cart", "user_id": "ana-'"$RUN"'", "items": [{ '"$SHOE"', "quantity": 2 }] },
    { "id": "checkout-'"$RUN"'", "name": "begin_checkout", "user_id": "ana-'"$RUN"'" },
    { "id": "purchase-'"$RUN"'", "name": "purchase", "user_id": "ana-'"$RUN"'", "transaction_id": "T-'"$RUN"'",
      "currency": "EUR", "country": "ES", "items": [{ '"$SHOE"', "quantity": 2 }] }
  ]
}'
echo

# They are counted a moment later. This asks for the user, once a second, until there is one.
curl -s --fail --retry 60 --retry-delay 1 --retry-all-errors "$API/v1/users/ana-$RUN" -H "$READ"
echo

# The shop's day: events, users, orders, money. `meta` says how many accepted events are not in the answer yet.
curl -sS --fail-with-body "$API/v1/overview" -H "$READ"
echo

# How far people came, from the first look to the order. Every question also answers as CSV.
curl -sS --fail-with-body "$API/v1/funnels/shop?format=csv" -H "$READ"

# An order of five days ago is too late to be counted (the site allows 72 hours). It becomes a dead letter.
curl -sS --fail-with-body "$API/v1/events" -H "$WRITE" -H "$JSON" -d '{
  "id": "late-'"$RUN"'", "name": "purchase", "user_id": "ben-'"$RUN"'", "timestamp": '"$(($(date +%s) - 5 * 86400))"',
  "transaction_id": "T-late-'"$RUN"'", "currency": "EUR",
  "items": [{ "item_id": "shoe-1", "price": "59.90", "quantity": 1 }]
}'
echo

# The newest letter: the first column of the second line. The list has it a moment after the event.
# Then what the letter holds, and why it was refused.
LETTER=
until [ "$LETTER" ] && curl -sS "$API/v1/dead-letters/$LETTER" -H "$ADMIN" | grep "late-$RUN"; do
  sleep 1
  LETTER=$(curl -sS "$API/v1/dead-letters?status=open&limit=1&format=csv" -H "$ADMIN" | sed -n '2s/,.*//p')
done
echo

# Marked as history, it counts on its own day. However often this is sent, it counts once.
curl -sS --fail-with-body "$API/v1/dead-letters/replay" -H "$ADMIN" -H "$JSON" -d '{
  "letters": ["'"$LETTER"'"], "patch": [{ "op": "add", "path": "/backfill", "value": true }], "note": "The till was offline"
}'
echo

# Now the order's user is there, with the order.
curl -s --fail --retry 60 --retry-delay 1 --retry-all-errors "$API/v1/users/ben-$RUN" -H "$READ"
echo
