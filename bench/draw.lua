-- Each request carries a credential drawn uniformly from the file CREDENTIALS, one to a line, behind the words PREFIX in
-- the header HEADER. What went wrong is counted by wrk: a status above 399, a connection refused or lost, a timeout.

local requests = {}

function init()
  local header, prefix = os.getenv("HEADER") or "Authorization", os.getenv("PREFIX") or "Bearer "
  for credential in io.lines(os.getenv("CREDENTIALS")) do
    requests[#requests + 1] = wrk.format("GET", "/me", { [header] = prefix .. credential })
  end
  math.randomseed(os.time())
end

function request()
  return requests[math.random(#requests)]
end

dofile(os.getenv("REPORT"))
