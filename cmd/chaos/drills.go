package main

// drills lists every drill, the quickest to understand first.
func drills() []drill {
	return []drill{
		{name: "calm", about: "nothing breaks: what the others are compared with", requests: 6000},
		{name: "kill-worker", about: "kill -9 of workers, again and again", requests: 8000, faults: killWorkers},
		{name: "kill-receiver", about: "kill -9 of receivers, again and again", requests: 8000, faults: killReceivers},
		{name: "kill-broker", about: "kill -9 of the broker, again and again", requests: 15000, ownServers: true, faults: killBroker},
		{name: "kill-postgres", about: "kill -9 of Postgres, again and again", requests: 12000, ownServers: true, faults: killPostgres},
		{name: "hang-broker", about: "the broker hangs for 20 s", requests: 15000, ownServers: true, faults: hangBroker},
		{name: "hang-postgres", about: "Postgres hangs for 20 s", requests: 15000, ownServers: true, faults: hangPostgres},
		{name: "cut-network", about: "the network between every pair resets or falls silent, in turn", requests: 15000, proxied: true, faults: cutNetwork},
		{name: "slow-network", about: "the network between every pair is slow, in turn and everywhere", requests: 8000, proxied: true, faults: slowNetwork},
		{name: "stop", about: "SIGTERM of everything during a burst", requests: 6000, faults: stopEverything},
		{name: "rolling-restart", about: "receivers and workers are restarted one by one under load", requests: 8000, faults: rollingRestart},
	}
}
