-- ARGV from 6: topics. Answers (person, chosen state or '', …) for each.
local chosen = redis.call('EXISTS', KEYS[3]) == 1
local found = {}

for i = 6, #ARGV do
  local seen, row = {}, {}
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', leases_of(ARGV[i]), '(' .. text(now), '+inf')) do
    local person = person_in(member)
    if not seen[person] then
      seen[person] = true
      row[#row + 1] = person
      row[#row + 1] = chosen and redis.call('HGET', KEYS[3], person) or ''
    end
  end
  found[#found + 1] = row
end
return found
