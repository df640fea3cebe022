-- Each request carries a token drawn uniformly from the file TOKENS, one to a line. What went wrong is counted by wrk:
-- a status above 399, a connection refused or lost, a timeout.

local requests = {}

function init()
  for token in io.lines(os.getenv("TOKENS")) do
    requests[#requests + 1] = wrk.format("GET", "/me", { Authorization = "Bearer " .. token })
  end
  math.randomseed(os.time())
end

function request()
  return requests[math.random(#requests)]
end

dofile(os.getenv("REPORT"))
