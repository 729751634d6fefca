package main

// drills lists every drill, the quickest to understand first.
func drills() []drill {
	return []drill{
		{name: "calm", about: "nothing breaks: what the others are compared with", requests: 6000},
		{name: "kill-worker", about: "kill -9 of workers, again and again", requests: 8000, faults: killWorkers},
		{name: "kill-receiver", about: "kill -9 of receivers, again and again", requests: 8000, faults: killReceivers},
	}
}
