-- ARGV from 6: (op, topic, person, connection) again and again; op is enter, refresh or leave.
local expired = {}
local touched = {}

-- Expired but unswept members by person; read once a topic, so a batch costs O(expired), not O(batch x expired).
local function expired_in(topic)
  if not expired[topic] then
    local people = {}
    local rows = redis.call('ZRANGEBYSCORE', leases_of(topic), '-inf', text(now), 'WITHSCORES')
    for i = 1, #rows, 2 do
      local person = person_in(rows[i])
      local mine = people[person] or {members = {}}
      mine.members[#mine.members + 1] = rows[i]
      mine.at = tonumber(rows[i + 1])
      people[person] = mine
    end
    expired[topic] = people
  end
  return expired[topic]
end

-- Readers do not count expired leases. Take this person's away, so that what we decide agrees with what they see.
local function purge(topic, person)
  local mine = expired_in(topic)[person]
  if not mine then return nil end
  for _, member in ipairs(mine.members) do drop(topic, member, person) end
  expired[topic][person] = nil
  return mine.at
end

local function count(topic, person)
  return tonumber(redis.call('HGET', people_of(topic), person) or 0)
end

local function hold(topic, person, connection, cause)
  local member = person .. '|' .. connection
  local expiry = tonumber(redis.call('ZSCORE', leases_of(topic), member) or 0)
  if expiry <= now then
    if count(topic, person) > 0 then
      local at = purge(topic, person)
      if at and count(topic, person) == 0 then record(topic, person, 'leave', 'expired', at) end
    end
    if redis.call('HINCRBY', people_of(topic), person, 1) == 1 then record(topic, person, 'join', cause, now) end
  end
  redis.call('ZADD', leases_of(topic), text(now + lease), member)
end

local function leave(topic, person, connection)
  if not drop(topic, person .. '|' .. connection, person) then return end
  purge(topic, person)
  if count(topic, person) == 0 then record(topic, person, 'leave', 'leave', now) end
end

for i = 6, #ARGV, 4 do
  local op, topic, person, connection = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  if op == 'leave' then
    leave(topic, person, connection)
  else
    hold(topic, person, connection, op == 'enter' and 'enter' or 'recovered')
  end
  touched[topic] = true
end
for topic in pairs(touched) do settle(topic) end
return answer(0)
