// Package main is a day's work with a client that was generated from the OpenAPI document
// of the HTTP API. It has a module of its own, so that the generator is no dependency of
// integr8. TestAGeneratedClientDoesADaysWork in cmd/integr8/app generates client.gen.go from
// the document that a server serves, and runs the day against that server.
package main

import (
	_ "github.com/oapi-codegen/runtime" // client.gen.go imports it
)
