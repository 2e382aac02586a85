-- KEYS: 1 topics, 2 journal, 3 states.
-- ARGV: 1 base of the other keys, 2 time in ms (empty: Redis' clock), 3 lease in ms, 4 journal's cap, 5 who acts.
local base, lease, cap, actor = ARGV[1], tonumber(ARGV[3]), ARGV[4], ARGV[5]
local now = tonumber(ARGV[2])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end

local function text(ms) return string.format('%.0f', ms) end
local function leases_of(topic) return base .. 'leases:' .. topic end
local function people_of(topic) return base .. 'people:' .. topic end
local function person_in(member) return string.sub(member, 1, string.find(member, '|', 1, true) - 1) end

local changes = {}

local function record(topic, person, event, cause, at)
  local id = redis.call('XADD', KEYS[2], 'MAXLEN', '~', cap, '*', 'topic', topic, 'person', person,
    'event', event, 'cause', cause, 'at_ms', text(at), 'actor', actor)
  changes[#changes + 1] = {id, topic, person, event, cause, text(at), actor}
end

-- The connections the person has left, or nil when the member was not there.
local function drop(topic, member, person)
  if redis.call('ZREM', leases_of(topic), member) == 0 then return nil end
  local left = redis.call('HINCRBY', people_of(topic), person, -1)
  if left <= 0 then redis.call('HDEL', people_of(topic), person) end
  return left
end

local function settle(topic)
  local first = redis.call('ZRANGE', leases_of(topic), 0, 0, 'WITHSCORES')
  if first[2] then
    redis.call('ZADD', KEYS[1], first[2], topic)
  else
    redis.call('ZREM', KEYS[1], topic)
    -- Already empty, unless Redis evicted the sorted set alone.
    redis.call('DEL', people_of(topic))
  end
end

local function answer(extra)
  local last = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)
  return {last[1] and last[1][1] or '0-0', extra, changes}
end
