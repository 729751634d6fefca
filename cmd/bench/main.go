// Command bench measures how fast hits become conversions and what that costs, beside
// the broker's own limit and beside a pipeline on the stock parts, in one run on
// servers of its own.
//
// # How a sustained rate is found
//
// A closed loop watches the backlog: many connections send as fast as they are
// answered, but all pause while any hit that was accepted some 200 ms ago cannot be
// read from the database yet. So the slower side sets the pace, nothing piles up, and
// the bench counts what passes through: HTTP answers on one side, commits by Postgres'
// own record on the other. An open loop, whose rate does not depend on the answers,
// measures latency, with the time of each request counted from the moment it was due.
//
// # What is compared
//
// Contenders take turns, round by round, each on emptied tables, in fresh processes,
// with the same clicks to match, so that other activity of the machine affects all
// alike. After each measurement every accepted hit must have its outcome and every
// postback its conversion, or the run fails.
package main

import "integr8/cmd/internal/tool"

func main() { tool.Main(name, description, &commandLine{}) }

const (
	name        = "bench"
	description = "How fast hits become conversions, and what that costs."
)

// commandLine lists the commands of bench.
type commandLine struct {
	Run  options     `cmd:"" default:"withargs" help:"Measure, on servers of its own, and write the page."`
	Code codeCommand `cmd:"" help:"Compare the Go benchmarks with those of another commit."`

	StockReceive stockReceiveCommand `cmd:"" hidden:"" help:"The baseline's receiver."`
	StockWork    stockWorkCommand    `cmd:"" hidden:"" help:"The baseline's worker."`
	Bare         bareCommand         `cmd:"" hidden:"" help:"A handler that redirects and does nothing else."`
}
