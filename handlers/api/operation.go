package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"integr8/handlers/operate/keys"
)

// operation describes an operation.
type operation struct {
	// id is its name in the document and in generated clients.
	id           string
	method, path string
	tag          string
	summary      string
	description  string
	access
	// status is that of success; 0 for 200.
	status int
	// refusals are statuses that others have not.
	refusals []int
}

// reading is the access of operations that change nothing.
var reading = access{role: keys.Read}

// get describes an operation that reads.
func get(id, path, tag, summary, description string) operation {
	return operation{id: id, method: http.MethodGet, path: path, tag: tag, summary: summary, description: description, access: reading}
}

// answered is the response of an operation without further headers.
type answered[T any] struct {
	Body T
}

// add registers an operation: a function from its parameters to what a use case returned.
// The function's errors become problems.
func add[In, Out any](a *api, o operation, do func(ctx context.Context, in *In) (Out, error)) {
	addWhole(a, o, func(ctx context.Context, in *In) (*answered[Out], error) {
		out, err := do(ctx, in)
		if err != nil {
			return nil, err
		}
		return &answered[Out]{out}, nil
	})
}

// addWhole is add for a response with headers.
func addWhole[In, Out any](a *api, o operation, do func(ctx context.Context, in *In) (*Out, error)) {
	described := huma.Operation{
		OperationID: o.id, Method: o.method, Path: o.path, Tags: []string{o.tag}, Summary: o.summary, Description: o.description,
		DefaultStatus: o.status,
		Security:      []map[string][]string{{bearer: {}}},
		Metadata:      map[string]any{accessKey: o.access},
		MaxBodyBytes:  mostBodyBytes, BodyReadTimeout: bodyTime,
		Errors: append([]int{
			http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusConflict,
			http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable,
		}, o.refusals...),
	}
	huma.Register(a.huma, described, func(ctx context.Context, in *In) (*Out, error) {
		out, err := do(ctx, in)
		if err != nil {
			return nil, a.problemOf(ctx, o.id, err)
		}
		return out, nil
	})
}
