//go:build race

package main

// raced has the processes run with the race detector where the tests do.
const raced = true
