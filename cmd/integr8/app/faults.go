//go:build !chaos

package app

import (
	"integr8/handlers"
	"integr8/pipeline/hit"
	"integr8/pipeline/worker"
)

// The program that is shipped has no faults on purpose. With the build tag
// chaos, which only the drills use, faults_chaos.go takes the place of this
// file.

func faultyHandler(handle worker.Handler[*hit.Hit]) worker.Handler[*hit.Hit] { return handle }

func faultyRecords(records handlers.Records) handlers.Records { return records }
