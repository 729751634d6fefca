//go:build !chaos

package main

import (
	"time"

	"integr8/handlers"
	"integr8/pipeline/worker"
)

// The program that is shipped has no faults on purpose. With the build tag
// chaos, which only the drills use, faults_chaos.go takes the place of this
// file.

func prepareFaults(func(string) (string, bool)) error { return nil }

func faultyHandler(handle worker.Handler) worker.Handler { return handle }

func faultyRecords(records handlers.Records) handlers.Records { return records }

// faultyClock is nil: the system's clock.
func faultyClock() func() time.Time { return nil }
