package main

import "context"

// drill is one way to break the system.
type drill struct {
	name, about string
	// cluster makes the drill use a cluster of three brokers.
	cluster bool
	// faulty makes it run the program that fails on hits that request a fault.
	faulty bool
	// proxied puts a proxy between every pair of parties.
	proxied bool
	// answered means that every request must be accepted in the end, after any number of
	// attempts.
	answered bool
	// requests is how many requests are sent.
	requests int
	// settings are for every process.
	settings []string
	// poison returns the fault that a story carries, or "".
	poison func(story int) string
	// before runs when the processes exist but are not started.
	before func(ctx context.Context, r *round) error
	// faults breaks parts while the load runs, and repairs them.
	faults func(ctx context.Context, r *round) error
	// beside runs from the start until the system is quiet.
	beside func(ctx context.Context, r *round) error
	// after runs when the load is over and before the system must be quiet.
	after func(ctx context.Context, r *round) error
	// loses loses promised hits or rows on purpose, once the checker is done, and returns
	// what integr8 audit must say.
	loses func(ctx context.Context, r *round) (loss, error)
	// judge checks, once the system is quiet, what the checker cannot see.
	judge func(ctx context.Context, r *round) error
}

// drills lists every drill, the quickest to understand first.
func drills() []drill {
	poisoner, dumper, expiry, editor := &poisonTenant{}, &backup{}, &tlsExpiry{}, &edits{}
	return []drill{
		{name: "calm", about: "nothing breaks: what the others are compared with", requests: 6000},
		{name: "kill-worker", about: "kill -9 of workers, again and again", requests: 8000, faults: killWorkers},
		{name: "kill-receiver", about: "kill -9 of receivers, again and again", requests: 8000, faults: killReceivers},
		{name: "kill-broker", about: "kill -9 of the broker, again and again", requests: 15000, faults: killBroker},
		{name: "kill-postgres", about: "kill -9 of Postgres, again and again", requests: 12000, faults: killPostgres},
		{name: "hang-broker", about: "the broker hangs for 20 s", requests: 15000, faults: hangBroker},
		{name: "hang-postgres", about: "Postgres hangs for 20 s", requests: 15000, faults: hangPostgres},
		{name: "cut-network", about: "the network between every pair resets or falls silent, in turn", requests: 15000, proxied: true, faults: cutNetwork},
		{name: "slow-network", about: "the network between every pair is slow, in turn and everywhere", requests: 8000, proxied: true, faults: slowNetwork},
		{name: "stop", about: "SIGTERM of everything during a burst", requests: 6000, faults: stopEverything},
		{name: "memory-alarm", about: "the broker blocks its publishers for want of memory", requests: 12000, faults: raiseMemoryAlarm},
		{name: "full-queue", about: "workers stand still until the queues refuse more", requests: 10000, faults: fillQueues,
			settings: []string{"INTEGR8_QUEUE_MAX_BYTES=200KiB"}},
		{name: "delete-queue", about: "queues are deleted under running workers and declared again", requests: 10000, faults: deleteQueues},
		{name: "poison-panic", about: "hits that make their handler, or the commit of their batch, panic", requests: 8000, faulty: true,
			poison: panicking, settings: []string{shortRetries}},
		{name: "poison-exit", about: "hits that end the worker which handles them", requests: 8000, faulty: true,
			poison: exiting, beside: supervise, settings: []string{shortRetries}},
		{name: "poison-tenant", about: "one tenant sends whatever a fuzzer can get past the doors; the others' p99 stays within 2 x of calm",
			requests: 18000, before: poisoner.found, faults: poisoner.run, judge: poisoner.judge},
		{name: "edits", about: "offers and publishers are edited while processes are killed: each decision follows the edits of a second before",
			requests: 12000, before: editor.found, faults: editor.run, judge: editor.judge},
		{name: "backup", about: "pg_dump reads the database in a loop while partitions are made and dropped; the p99 stays within 2 x of calm",
			requests: 18000, faults: dumper.run, judge: dumper.judge},
		{name: "clock", about: "the clock of one receiver is an hour ahead, then an hour behind", requests: 5000, faulty: true,
			before: clockAhead, faults: clockBehind},
		{name: "full-spool", about: "the broker is away until the spools are full", requests: 12000, faults: fillSpools,
			settings: []string{"INTEGR8_SPOOL_MAX_BYTES=300KiB"}},
		{name: "late-clicks", about: "clicks wait in one receiver's spool while their postbacks go ahead through the other", requests: 12000,
			proxied: true, faults: spoolClicks},
		{name: "replay", about: "postbacks whose clicks come too late are replayed, before and after, while workers are killed", requests: 10000,
			proxied: true, settings: waiting(replayWindow, replayGrace), before: shortWait(replayWindow, replayGrace, true),
			faults: spoolClicksAndReplay, after: replayUnmatched},
		{name: "junk-flood", about: "a stranger's refusals and unknown tokens, 60 KB of them at a time, beside the load, with and without the broker",
			requests: 10000, settings: junkSettings, faults: floodJunk, after: judgeJunk},
		{name: "outage-beyond-window", about: "Postgres, then the broker, is away for longer than a postback waits for its click", requests: 28000,
			settings: waiting(outageWindow, outageGrace), before: shortWait(outageWindow, outageGrace, false),
			faults: outageBeyondWindow, after: waitsEnd},
		{name: "idle-connections", about: "thousands of idle connections and unfinished bodies at receivers that may open 1,024 files", requests: 10000,
			before: limitFiles, faults: crowdDoors},
		{name: "kill-spooling", about: "kill -9 of receivers while the broker hangs and all goes to disk", requests: 10000, faults: killSpooling},
		{name: "start-alone", about: "receivers start and serve while both servers are away", requests: 10000, faults: startAlone},
		{name: "refuse-postgres", about: "Postgres is read-only, takes no connections, ends all", requests: 10000, faults: refuseDatabase},
		{name: "tls-expiry", about: "the certificate of Postgres expires, is a stranger's, is gone", requests: 18000,
			before: expiry.encrypt, faults: expiry.run},
		{name: "hang-worker", about: "a worker hangs until the broker gives it up, and then goes on", requests: 14000, faults: hangWorker},
		{name: "rolling-restart", about: "receivers and workers are restarted one by one under load", requests: 8000, faults: rollingRestart, answered: true},
		{name: "rotate-secret", about: "the service secret changes under load: wrongly, as documented, and in haste", requests: 10000,
			before: moreSecrets, faults: rotateSecret, after: replayUnverified, answered: true},
		{name: "cluster-leader", about: "kill -9 of the node that leads a queue, again and again", requests: 14000, cluster: true, faults: killLeaders},
		{name: "cluster-cut", about: "the node that leads a queue is cut off from the others, again and again", requests: 14000, cluster: true, faults: cutNodes},
		{name: "taken", about: "somebody purges a queue: audit names the hits that were in it", requests: 1500, loses: takeFromQueue},
		{name: "ttl-policy", about: "a policy lets messages expire: audit names the hits", requests: 1500, loses: expireByPolicy},
		{name: "drop-head", about: "a policy drops the oldest messages: audit names the hits", requests: 1500, loses: dropByPolicy},
		{name: "rolled-back-spool", about: "the spool of a receiver is replaced by an older copy: audit names the hits", requests: 1500, loses: rollSpoolBack},
		{name: "deleted-row", about: "somebody deletes rows: audit counts them", requests: 1500, loses: deleteRows},
		{name: "doubled-row", about: "somebody copies rows: audit counts them", requests: 1500, loses: doubleRows},
	}
}
