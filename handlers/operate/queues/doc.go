// Package queues declares the queues, and reports how full they are and what to do when
// something piles up. The report combines what the broker counts with what the processes
// report of their work.
package queues
