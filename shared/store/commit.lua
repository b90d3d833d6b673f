-- Commits one chunk of a shard's batch: everything, or nothing.
--
-- KEYS[1]   the shard's head
-- KEYS[2…]  the keys to write, all of one slot
-- ARGV[1]   the version that the head must have ("0" when there is no head)
-- ARGV[2]   the offset after the chunk's last record
-- ARGV[3]   the timestamp of that record, ms
-- ARGV[4]   MessagePack: for KEYS[i + 1] the write [type, expire_at, …] at index i
--             1 hash:   [1, at, field, amount, field, amount, …]   HINCRBY each
--             2 zset:   [2, at, member, amount, member, amount, …] ZINCRBY each
--             3 string: [3, at]                                    SET to the next of ARGV[5…]
--             4 string: [4, at]                                    APPEND the next of ARGV[5…]
--           expire_at is in seconds since the epoch; 0 means never
-- ARGV[5…]  the bytes of the strings, in the order of their keys (cmsgpack reads no binary type)
--
-- Returns   1 when committed; 0 when the head has another version, and then nothing has changed
-- Cost      one call for each amount and value, and one for each key that expires: about 1 µs each
--
-- Runs on Redis 6.2 and later, Valkey, Redis Cluster.

local version = redis.call('HGET', KEYS[1], 'version') or '0'
if version ~= ARGV[1] then
  return 0
end

local writes = cmsgpack.unpack(ARGV[4])
local value = 4

for i = 1, #writes do
  local key, write = KEYS[i + 1], writes[i]
  local kind, at = write[1], write[2]
  if kind == 1 then
    for j = 3, #write, 2 do
      redis.call('HINCRBY', key, write[j], write[j + 1])
    end
  elseif kind == 2 then
    for j = 3, #write, 2 do
      redis.call('ZINCRBY', key, write[j + 1], write[j])
    end
  else
    value = value + 1
    if kind == 3 then
      redis.call('SET', key, ARGV[value], 'EXAT', at)
    else
      redis.call('APPEND', key, ARGV[value])
    end
  end
  if at > 0 and kind ~= 3 then
    redis.call('EXPIREAT', key, at)
  end
end

redis.call('HSET', KEYS[1], 'version', version + 1, 'next', ARGV[2], 'timestamp', ARGV[3])
return 1
