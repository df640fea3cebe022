-- Each request signs in another of the accounts in the file ACCOUNTS, one form to a line.

local requests = {}
local last = 0

function init()
  local headers = { ["Content-Type"] = "application/x-www-form-urlencoded" }
  for form in io.lines(os.getenv("ACCOUNTS")) do
    requests[#requests + 1] = wrk.format("POST", "/token", headers, form)
  end
end

function request()
  last = last % #requests + 1
  return requests[last]
end

dofile(os.getenv("REPORT"))
