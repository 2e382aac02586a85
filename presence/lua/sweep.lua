-- ARGV 6: how many leases to take at most. Answers 1 as its extra when more may be due.
local left = tonumber(ARGV[6])
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', text(now), 'LIMIT', 0, ARGV[6])
local more = #due == left and 1 or 0

for _, topic in ipairs(due) do
  local rows = redis.call('ZRANGEBYSCORE', leases_of(topic), '-inf', text(now), 'WITHSCORES', 'LIMIT', 0, left)
  for i = 1, #rows, 2 do
    local person = person_in(rows[i])
    if drop(topic, rows[i], person) <= 0 then record(topic, person, 'leave', 'expired', tonumber(rows[i + 1])) end
  end
  settle(topic)
  left = left - #rows / 2
  if left <= 0 then
    more = 1
    break
  end
end
return answer(more)
