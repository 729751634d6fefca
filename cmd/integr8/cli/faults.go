//go:build !chaos

package cli

import (
	"time"

	"integr8/pipeline/rabbit"
)

// The program that is shipped has no faults on purpose. With the build tag
// chaos, which only the drills use, faults_chaos.go takes the place of this
// file.

func prepareFaults(func(string) (string, bool)) error { return nil }

func faultyTopology(topology rabbit.Topology) rabbit.Topology { return topology }

// faultyClock is nil: the system's clock.
func faultyClock() func() time.Time { return nil }
