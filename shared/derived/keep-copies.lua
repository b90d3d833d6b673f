-- Keeps derived copies of a site as far as there is room for them.
--
-- KEYS[1]   the site's copies: name → when it expires, ms
-- KEYS[2]   their bytes: name → bytes; "" → all together
-- KEYS[3…]  a string for each copy
-- ARGV[1]   now, ms
-- ARGV[2]   the most bytes that the site's copies may have together
-- ARGV[3]   the longest time that any copy is kept, ms: both lists expire that long after the last note
-- ARGV[4]   the bytes that a copy takes beside its text
-- ARGV[5…]  for each copy its name, when it expires (ms), and its text
--
-- Returns   how many were kept. One for which there is no room is left out: the others are as useful, and a shop whose
--           copies are too many would otherwise make all of them again and again
-- Cost      six calls and five for each copy, two for each that has expired: about 1 µs each, and the copies' bytes
--
-- Runs on Redis 6.2 and later, Valkey, Redis Cluster.

local ends, sizes, now, room = KEYS[1], KEYS[2], ARGV[1], tonumber(ARGV[2])
local sum = tonumber(redis.call('HGET', sizes, '') or '0')

-- A thousand at most, which takes less than 2 ms; the next call goes on.
local expired = redis.call('ZRANGEBYSCORE', ends, '-inf', now, 'LIMIT', 0, 1000)
for _, name in ipairs(expired) do
  sum = sum - tonumber(redis.call('HGET', sizes, name) or '0')
  redis.call('HDEL', sizes, name)
end
-- They are the first ones. A last rank far below 0 removes nothing.
redis.call('ZREMRANGEBYRANK', ends, 0, #expired > 0 and #expired - 1 or -2147483648)

local kept = 0
for i = 3, #KEYS do
  local at = 5 + (i - 3) * 3
  local name, expires, text = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  local left = sum - tonumber(redis.call('HGET', sizes, name) or '0')
  local bytes = #text + ARGV[4]
  if left + bytes <= room then
    sum = left + bytes
    redis.call('SET', KEYS[i], text, 'PXAT', expires)
    redis.call('ZADD', ends, expires, name)
    redis.call('HSET', sizes, name, bytes)
    kept = kept + 1
  end
end

redis.call('HSET', sizes, '', string.format('%.0f', sum))
redis.call('PEXPIRE', ends, ARGV[3])
redis.call('PEXPIRE', sizes, ARGV[3])
return kept
