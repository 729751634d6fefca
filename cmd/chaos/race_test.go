//go:build race

package main

// raced makes the processes run with the race detector when the tests do.
const raced = true
