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
		{name: "memory-alarm", about: "the broker blocks its publishers for want of memory", requests: 12000, ownServers: true, faults: raiseMemoryAlarm},
		{name: "full-queue", about: "workers stand still until the queues refuse more", requests: 10000, faults: fillQueues,
			settings: []string{"INTEGR8_QUEUE_MAX_BYTES=200KiB"}},
		{name: "delete-queue", about: "queues are deleted under running workers and declared again", requests: 10000, faults: deleteQueues},
		{name: "poison-panic", about: "hits that make their handler, or the commit of their batch, panic", requests: 8000, faulty: true,
			poison: panicking, settings: []string{shortRetries}},
		{name: "poison-exit", about: "hits that end the worker which handles them", requests: 8000, faulty: true,
			poison: exiting, beside: supervise, settings: []string{shortRetries}},
		{name: "clock", about: "the clock of one receiver is an hour ahead, then an hour behind", requests: 5000, faulty: true,
			before: clockAhead, faults: clockBehind},
		{name: "full-spool", about: "the broker is away until the spools are full", requests: 12000, ownServers: true, faults: fillSpools,
			settings: []string{"INTEGR8_SPOOL_MAX_BYTES=300KiB"}},
		{name: "late-clicks", about: "clicks wait in one receiver's spool while their postbacks go ahead through the other", requests: 12000,
			proxied: true, faults: spoolClicks},
		{name: "kill-spooling", about: "kill -9 of receivers while the broker hangs and all goes to disk", requests: 10000, ownServers: true, faults: killSpooling},
		{name: "start-alone", about: "receivers start and serve while both servers are away", requests: 10000, ownServers: true, faults: startAlone},
		{name: "refuse-postgres", about: "Postgres is read-only, takes no connections, ends all", requests: 10000, faults: refuseDatabase},
		{name: "hang-worker", about: "a worker hangs until the broker gives it up, and then goes on", requests: 14000, faults: hangWorker},
		{name: "rolling-restart", about: "receivers and workers are restarted one by one under load", requests: 8000, faults: rollingRestart},
		{name: "cluster-leader", about: "kill -9 of the node that leads a queue, again and again", requests: 14000, ownServers: true, cluster: true, faults: killLeaders},
		{name: "cluster-cut", about: "the node that leads a queue is cut off from the others, again and again", requests: 14000, ownServers: true, cluster: true, faults: cutNodes},
	}
}
