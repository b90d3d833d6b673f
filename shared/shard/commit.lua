-- Commits one chunk of a shard's batch: everything, or nothing.
--
-- KEYS[1]   the shard's head
-- KEYS[2…]  the keys to write, all of one slot
-- ARGV[1]   the version that the head must have ("0" when there is no head)
-- ARGV[2]   the next offset that it must have ("0" when there is no head)
-- ARGV[3]   the offset after the chunk's last record
-- ARGV[4]   the timestamp of that record, ms
-- ARGV[5]   MessagePack [writes, lengths]. For KEYS[i + 1] the write [type, expire_at, …] at index i:
--             1 hash:   [1, at, field, amount, field, amount, …]   HINCRBY each
--             2 zset:   [2, at, amount, member, amount, member, …] ZINCRBY each
--             3 string: [3, at]                                    SET to the next string of ARGV[6]
--             4 string: [4, at]                                    APPEND the next string of ARGV[6]
--             5 values: [5, at, limit, marker, value, n, counter, amount, …, value, n, …]
--                       HINCRBY `counter|value` for the n pairs of each value. A value that is not there yet
--                       (it has no `marker|value`) becomes one of at most `limit`, or is added to (other).
--             6 latest: [6, at, least, score, member, …]           ZADD GT each; removes scores below least
--             7 zset:   [7, at, score, member, …]                  ZADD each, or ZREM where the score is ""
--             8 hash:   [8, at, field, value, …]                   HSET
--             9 gone:   [9, 0]                                     UNLINK
--            10 gone:   [10, 0, member, …]                         ZREM each, or HDEL where the key is a hash
--            11 hash:   [11, at, field, field]                     HINCRBY the first by the keys, the second by the
--                       members that were removed by 9 and 10 since the 11 before
--           expire_at is in seconds since the epoch; 0 means never
-- ARGV[6]   the strings, one behind the other in the order of their keys; the lengths are theirs
--
-- Returns   1 when committed; 0 when the head is another one, and then nothing has changed
-- Cost      one call for each amount, value, removed key and member, two to four for each value of a breakdown, and
--           one for each key that expires: about 1 µs each
--
-- Runs on Redis 6.2 and later, Valkey, Redis Cluster.

-- The version alone would not do: when Redis has lost its memory (flush, failover), versions begin again, and
-- a commit from before could meet its own number over other records.
local head = redis.call('HMGET', KEYS[1], 'version', 'next')
local version = head[1] or '0'
if version ~= ARGV[1] or (head[2] or '0') ~= ARGV[2] then
  return 0
end

-- First a write that a full Redis (maxmemory, noeviction) refuses, and that changes nothing: the script then ends here.
-- Redis asks for memory only until a script has written something, and what it refuses below in a pcall would be
-- missing for good if a later write, which needs no memory (ZREM, UNLINK), went through and the head moved on.
redis.call('HSET', KEYS[1], 'version', version)

local function add_values(key, write)
  local limit, marker = write[3], write[4]
  local values = nil
  local j = 5
  while j <= #write do
    local value, last = write[j], j + 1 + 2 * write[j + 1]
    if redis.call('HEXISTS', key, marker .. '|' .. value) == 0 then
      values = values or tonumber(redis.call('HGET', key, '#') or '0')
      if values >= limit then
        value = '(other)'
      else
        values = values + 1
        redis.call('HINCRBY', key, '#', 1)
        redis.call('HINCRBY', key, marker .. '|' .. value, 0)
      end
    end
    for k = j + 2, last, 2 do
      redis.pcall('HINCRBY', key, write[k] .. '|' .. value, write[k + 1])
    end
    j = last + 1
  end
end

local packed = cmsgpack.unpack(ARGV[5])
local writes, lengths = packed[1], packed[2]
local string, from = 0, 1
local removed_keys, removed_members = 0, 0

for i = 1, #writes do
  local key, write = KEYS[i + 1], writes[i]
  local kind, at = write[1], write[2]
  if kind == 1 then
    for j = 3, #write, 2 do
      -- HINCRBY refuses to go beyond 2^63. That amount is dropped: an error here would leave the chunk half
      -- applied, to come again for ever.
      redis.pcall('HINCRBY', key, write[j], write[j + 1])
    end
  elseif kind == 2 then
    local first = 3
    if redis.call('EXISTS', key) == 0 then
      -- A new one takes its members in one call, which costs half. Lua unpacks fewer than 8,000 values.
      first = math.min(#write, 6002) + 1
      redis.call('ZADD', key, unpack(write, 3, first - 1))
    end
    for j = first, #write, 2 do
      redis.call('ZINCRBY', key, write[j], write[j + 1])
    end
  elseif kind == 5 then
    add_values(key, write)
  elseif kind == 6 then
    for j = 4, #write, 2 do
      redis.call('ZADD', key, 'GT', write[j], write[j + 1])
    end
    redis.call('ZREMRANGEBYSCORE', key, '-inf', '(' .. write[3])
  elseif kind == 7 then
    for j = 3, #write, 2 do
      if write[j] == '' then
        redis.call('ZREM', key, write[j + 1])
      else
        redis.call('ZADD', key, write[j], write[j + 1])
      end
    end
  elseif kind == 8 then
    for j = 3, #write, 2 do
      redis.call('HSET', key, write[j], write[j + 1])
    end
  elseif kind == 9 then
    removed_keys = removed_keys + redis.call('UNLINK', key)
  elseif kind == 10 then
    local remove = redis.call('TYPE', key).ok == 'hash' and 'HDEL' or 'ZREM'
    for j = 3, #write do
      removed_members = removed_members + redis.call(remove, key, write[j])
    end
  elseif kind == 11 then
    redis.call('HINCRBY', key, write[3], removed_keys)
    redis.call('HINCRBY', key, write[4], removed_members)
    removed_keys, removed_members = 0, 0
  else
    string = string + 1
    local to = from + lengths[string] - 1
    local value = ARGV[6]:sub(from, to)
    from = to + 1
    if kind == 3 then
      redis.call('SET', key, value, 'EXAT', at)
    else
      -- As above: APPEND refuses to go beyond proto-max-bulk-len (512 MB unless it was set lower).
      redis.pcall('APPEND', key, value)
    end
  end
  if at > 0 and kind ~= 3 then
    redis.call('EXPIREAT', key, at)
  end
end

redis.call('HSET', KEYS[1], 'version', version + 1, 'next', ARGV[3], 'timestamp', ARGV[4])
return 1
