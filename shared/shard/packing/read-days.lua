-- Reads what some days of a shard have, packed and beside it, in one step: a packing in between would be read twice or
-- not at all.
--
-- KEYS      for each day its container, its hash of large sections, and its keys that are packed: the same number of keys
--           for each day
-- ARGV[1]   what is read: 'hash', 'ranks' or 'scores'
-- ARGV[2]   how many keys a day has
-- ARGV[3]   the most entries of a hash or of rankings
-- ARGV[4]   the most bytes of packed sections; the first day is read whatever it has
-- ARGV[5…]  hash: the section. scores: the product, and the fields of its bucket by the number of bits, from 0 on
--
-- Returns   [[token and small sections or "", …], …], one for each of the first days; fewer than asked for when the
--           next one would be too much. A day goes on with
--             hash    the large section or ""; the fields and values, or -1 when they are too many
--             ranks   -1 when the rankings are too long for this script; else 0, the members and scores by key, and the
--                     large sections
--             scores  the bucket or ""; the scores by key, "" where there is none
-- Cost      three to five calls for each day, and one or two for each key: about 1 µs each, and 0.3 µs for each entry
--
-- Runs on Redis 6.2 and later, Valkey, Redis Cluster.

local what, each = ARGV[1], tonumber(ARGV[2])
local most_entries, most_bytes = tonumber(ARGV[3]), tonumber(ARGV[4])
-- Buckets of products that a day may have to be read here
local MOST_BUCKETS = 64

local days, entries, bytes = {}, 0, 0

-- The container without its members, see packed-day.ts
local function small_sections(key)
  local container = redis.call('GET', key)
  if not container then
    return ''
  end
  return container:sub(1, 8) .. container:sub(13 + struct.unpack('>I4', container, 9))
end

local function read_hash(at, day)
  local length = redis.call('HLEN', KEYS[at + 2])
  day[2] = redis.call('HGET', KEYS[at + 1], ARGV[5]) or ''
  if length > most_entries then
    day[3] = -1
    return 0, #day[2]
  end
  day[3] = redis.call('HGETALL', KEYS[at + 2])
  return length, #day[2]
end

local function read_ranks(at, day)
  local length, lengths = 0, {}
  for key = at + 2, at + each - 1 do
    lengths[key] = redis.call('ZCARD', KEYS[key])
    length = length + lengths[key]
  end
  if at > 1 and entries + length > most_entries then
    return length, 0
  end
  local bits = tonumber(redis.call('HGET', KEYS[at + 1], 'pb') or '-1')
  local buckets = bits < 0 and 0 or 2 ^ bits
  if length > most_entries or buckets > MOST_BUCKETS then
    day[2] = -1
    return 0, 0
  end
  day[2] = 0
  for key = at + 2, at + each - 1 do
    day[#day + 1] = lengths[key] > 0 and redis.call('ZRANGE', KEYS[key], 0, -1, 'WITHSCORES') or {}
  end
  local own = 0
  for bucket = 0, buckets - 1 do
    local section = redis.call('HGET', KEYS[at + 1], string.format('p:%d:%d', bits, bucket))
    if section then
      day[#day + 1] = section
      own = own + #section
    end
  end
  return length, own
end

local function read_scores(at, day)
  local bits = tonumber(redis.call('HGET', KEYS[at + 1], 'pb') or '-1')
  day[2] = bits >= 0 and redis.call('HGET', KEYS[at + 1], ARGV[6 + bits]) or ''
  for key = at + 2, at + each - 1 do
    day[#day + 1] = redis.call('ZSCORE', KEYS[key], ARGV[5]) or ''
  end
  return each - 2, #day[2]
end

local READ = { hash = read_hash, ranks = read_ranks, scores = read_scores }

for at = 1, #KEYS, each do
  local day = { small_sections(KEYS[at]) }
  local own_entries, own_bytes = READ[what](at, day)
  entries = entries + own_entries
  bytes = bytes + own_bytes + #day[1]
  if at > 1 and (entries > most_entries or bytes > most_bytes) then
    break
  end
  days[#days + 1] = day
end

return days
