-- Commits one chunk of a shard's batch: everything, or nothing.
--
-- KEYS[1]   the shard's head
-- KEYS[2…]  the keys to write, one for each write, then those that writes only look at; all of one slot
-- ARGV[1]   the version that the head must have ("0" when there is no head)
-- ARGV[2]   the next offset that it must have ("0" when there is no head)
-- ARGV[3]   the offset after the chunk's last record
-- ARGV[4]   the timestamp of that record, ms
-- ARGV[5]   MessagePack [writes, lengths]. The write at index i is to KEYS[i + 1]: [operation, expire_at, …], see the
--           functions below. `operation` is an index of OPERATIONS; write-batch.ts has the same numbers. `expire_at` is
--           in seconds since the epoch; 0 leaves the key's expiry as it is.
-- ARGV[6]   the strings, one behind the other in the order of their writes; `lengths` are theirs, in bytes
--
-- Returns   1 when committed; 0 when the head is another one, and then nothing has changed
-- Cost      one call for each amount, string, removed key and member, one or two for each key, and some for new values of
--           a breakdown: about 1 µs each; scores and fields that are set share calls
--
-- Runs on Redis 6.2 and later, Valkey, Redis Cluster.

-- The version alone would not do: when Redis has lost its data (flush, failover), versions start again at 0, and a
-- commit from before could meet its own number over other records.
local head = redis.call('HMGET', KEYS[1], 'version', 'next')
local version = head[1] or '0'
if version ~= ARGV[1] or (head[2] or '0') ~= ARGV[2] then
  return 0
end

-- First a write that a full Redis (maxmemory, noeviction) refuses, and that changes nothing: the script then ends here.
-- Redis checks its memory only until a script has written something. A write that it refuses below in a pcall would be
-- missing for good if a later write, which needs no memory (ZREM, UNLINK), went through and the head moved on.
redis.call('HSET', KEYS[1], 'version', version)

local packed = cmsgpack.unpack(ARGV[5])
local writes, lengths = packed[1], packed[2]
local strings_taken, bytes_taken = 0, 0
local removed_keys, removed_members = 0, 0

-- Lua unpacks fewer than 8,000 values. An even number: most come in pairs.
local MOST_VALUES = 6000

-- The values from an index on, as many as one call takes. One call with many saves most of what a call costs for each.
local function some_of(values, from)
  return unpack(values, from, math.min(#values, from + MOST_VALUES - 1))
end

local function next_string()
  strings_taken = strings_taken + 1
  local from = bytes_taken + 1
  bytes_taken = bytes_taken + lengths[strings_taken]
  return ARGV[6]:sub(from, bytes_taken)
end

-- A hash: [_, at, field, amount, …]
local function increment(key, write)
  for j = 3, #write, 2 do
    -- HINCRBY refuses to go beyond 2^63. That amount is dropped: an error here would leave the chunk half applied, and
    -- its batch would come again forever.
    redis.pcall('HINCRBY', key, write[j], write[j + 1])
  end
end

-- A sorted set: [_, at, amount, member, …]
local function rank(key, write)
  local first = 3
  if redis.call('EXISTS', key) == 0 then
    redis.call('ZADD', key, some_of(write, first))
    first = first + MOST_VALUES
  end
  for j = first, #write, 2 do
    redis.call('ZINCRBY', key, write[j], write[j + 1])
  end
end

-- A string: [_, at], the bytes are the next string
local function set(key, write)
  redis.call('SET', key, next_string(), 'EXAT', write[2])
end

-- A string: [_, at], the bytes are the next string
local function append(key)
  -- As in increment: APPEND refuses to go beyond proto-max-bulk-len (512 MB unless it was set lower).
  redis.pcall('APPEND', key, next_string())
end

-- The values that packed days count separately (packing/packed-day.ts), by the index of the day's key and by dimension
local packed_values = {}

local function members_of(index, dimension)
  if index == 0 then
    return nil
  end
  local members = packed_values[index]
  if not members then
    members = {}
    packed_values[index] = members
    local container = redis.call('GET', KEYS[1 + #writes + index])
    local at, last = 13, container and 12 + struct.unpack('>I4', container, 9) or 0
    while at <= last do
      local length = container:byte(at)
      local name = container:sub(at + 1, at + length)
      local count, width, n = struct.unpack('>I2BI2', container, at + 1 + length)
      at = at + 6 + length
      members[name] = { count = count, width = width, digests = container:sub(at, at + width * n - 1) }
      at = at + width * n
    end
  end
  return members[dimension]
end

local function is_member(members, dimension, value)
  local hex = redis.sha1hex(dimension .. '|' .. value):sub(1, 2 * members.width)
  local digest = hex:gsub('%x%x', function(pair)
    return string.char(tonumber(pair, 16))
  end)
  local from = 1
  while true do
    local at = members.digests:find(digest, from, true)
    if not at or (at - 1) % members.width == 0 then
      return at ~= nil
    end
    from = at + 1
  end
end

-- A breakdown: [_, at, limit, marker, packed, dimension, n, field, amount, …, n, field, amount, …]
-- Adds to the n fields `counter|value` of each value; the first is that of `marker`, even if its amount is 0. A value is
-- there when it has that field, or when the packed day has it. A new one becomes one of at most `limit`, or is added to
-- (other). `packed` is the index of the packed day's key behind the keys to write; 0 for what is never packed.
local function increment_values(key, write)
  local limit, marker, packed, dimension = write[3], write[4], write[5], write[6]
  local markers, last = {}, #write
  local j = 7
  while j <= last do
    markers[#markers + 1] = write[j + 1]
    j = j + 1 + 2 * write[j]
  end
  local found, at = {}, 0
  local added, before = 0, nil
  j = 7
  for i = 1, #markers do
    if i > at + #found then
      at = i - 1
      found = redis.call('HMGET', key, some_of(markers, i))
    end
    local from, to = j + 1, j + 2 * write[j]
    j = to + 1
    local value, is_other = nil, false
    if not found[i - at] then
      value = markers[i]:sub(#marker + 2)
      local members = members_of(packed, dimension)
      if not (members and is_member(members, dimension, value)) then
        before = before or tonumber(redis.call('HGET', key, '#') or '0') + (members and members.count or 0)
        is_other = before + added >= limit
        if not is_other then
          added = added + 1
          if write[from + 1] == '0' then
            redis.call('HINCRBY', key, markers[i], 0)
          end
        end
      end
    end
    for k = from, to, 2 do
      local field, amount = write[k], write[k + 1]
      if amount ~= '0' then
        if is_other then
          field = field:sub(1, -#value - 1) .. '(other)'
        end
        redis.pcall('HINCRBY', key, field, amount)
      end
    end
  end
  if added > 0 then
    redis.call('HINCRBY', key, '#', added)
  end
end

-- A sorted set: [_, at, least, score, member, …]; then removes scores below `least`, the lowest first. Where there are
-- very many, the next commits remove the rest: more than are added each time
local function raise_scores(key, write)
  for from = 4, #write, MOST_VALUES do
    redis.call('ZADD', key, 'GT', some_of(write, from))
  end
  local outdated = redis.call('ZCOUNT', key, '-inf', '(' .. write[3])
  if outdated > 0 then
    redis.call('ZREMRANGEBYRANK', key, 0, math.min(outdated, 1000 + #write) - 1)
  end
end

-- A sorted set: [_, at, least, limit, score, member, …]; then removes scores below `least`, and the lowest beyond `limit`
local function keep_latest(key, write)
  redis.call('ZADD', key, some_of(write, 5))
  redis.call('ZREMRANGEBYSCORE', key, '-inf', '(' .. write[3])
  redis.call('ZREMRANGEBYRANK', key, 0, -1 - write[4])
end

-- A sorted set: [_, at, n, member, …, score, member, …]; removes n members, then sets the scores of the others
local function set_scores(key, write)
  local gone = write[3]
  for j = 4, 3 + gone do
    redis.call('ZREM', key, write[j])
  end
  for from = 4 + gone, #write, MOST_VALUES do
    redis.call('ZADD', key, some_of(write, from))
  end
end

-- A hash: [_, at, field, value, …]
local function set_fields(key, write)
  for from = 3, #write, MOST_VALUES do
    redis.call('HSET', key, some_of(write, from))
  end
end

-- Any key: [_, 0]
local function remove(key)
  removed_keys = removed_keys + redis.call('UNLINK', key)
end

-- A sorted set or a hash: [_, 0, member or field, …]
local function remove_members(key, write)
  local command = redis.call('TYPE', key).ok == 'hash' and 'HDEL' or 'ZREM'
  for j = 3, #write do
    removed_members = removed_members + redis.call(command, key, write[j])
  end
end

-- A small sorted set: [_, 0, beginning]; removes the members that begin so
local function remove_beginning(key, write)
  local beginning = write[3]
  for _, member in ipairs(redis.call('ZRANGE', key, 0, -1)) do
    if member:sub(1, #beginning) == beginning then
      removed_members = removed_members + redis.call('ZREM', key, member)
    end
  end
end

-- A hash: [_, at, field, field]; adds how many keys, and how many members, were removed since the last count
local function count_removed(key, write)
  redis.call('HINCRBY', key, write[3], removed_keys)
  redis.call('HINCRBY', key, write[4], removed_members)
  removed_keys, removed_members = 0, 0
end

-- A field of a hash: [_, 0, field, offset, entry, …]; puts the offset behind `;entry=`, see changes.ts
local function note_changes(key, write)
  local field, offset = write[3], write[4]
  local notes = redis.call('HGET', key, field) or ''
  for j = 5, #write do
    local entry = ';' .. write[j] .. '='
    local _, last = notes:find(entry, 1, true)
    if last then
      notes = notes:sub(1, last) .. offset .. notes:sub(last + #offset + 1)
    else
      notes = notes .. entry .. offset
    end
  end
  redis.call('HSET', key, field, notes)
end

local OPERATIONS = {
  increment,
  rank,
  set,
  append,
  increment_values,
  raise_scores,
  set_scores,
  set_fields,
  remove,
  remove_members,
  count_removed,
  keep_latest,
  remove_beginning,
  note_changes,
}

for i = 1, #writes do
  local key, write = KEYS[i + 1], writes[i]
  local operation, expire_at = OPERATIONS[write[1]], write[2]
  operation(key, write)
  -- SET has set it already.
  if expire_at > 0 and operation ~= set then
    redis.call('EXPIREAT', key, expire_at)
  end
end

redis.call('HSET', KEYS[1], 'version', version + 1, 'next', ARGV[3], 'timestamp', ARGV[4])
return 1
