package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"integr8/handlers/operate/keys"
	"integr8/handlers/operate/reference"
)

// editing describes an operation that creates or edits reference data.
func editing(id, method, path, summary string) operation {
	o := operation{id: id, method: method, path: path, tag: tagReference, summary: summary, access: access{role: keys.Admin}}
	if method == http.MethodPost {
		o.status = http.StatusCreated
		o.description = "With an Idempotency-Key the request can be sent again for a day: it creates one object, and each answer shows it as it is then."
	} else {
		o.description = "What is left out stays as it is. " + ifMatchIsVersion
		o.refusals = []int{http.StatusPreconditionFailed}
	}
	return o
}

// Sentences of descriptions.
const (
	ifMatchIsVersion = "If-Match is the ETag that was read, or * for any version: an object that was changed since is not changed."
	etagIsVersion    = "ETag is its version, for If-Match of an edit."
)

// IdempotencyKey is embedded in the parameters of creations.
type IdempotencyKey struct {
	Key string `header:"Idempotency-Key" minLength:"8" maxLength:"200" doc:"A text of the sender's, such as a UUID, that no other request has within a day."`
}

// once returns a context in which the request creates an object once.
func (k IdempotencyKey) once(ctx context.Context, account int64, object reference.Object, body any) (context.Context, error) {
	if k.Key == "" {
		return ctx, nil
	}
	creation, err := reference.NewCreation(account, object, k.Key, body)
	return reference.Under(ctx, reference.Condition{Creation: creation}), err
}

// createAsked are the parameters of a creation.
type createAsked[Form any] struct {
	Scope
	IdempotencyKey
	Body Form
}

// created returns an operation that creates an object of an account. An operator's key
// names the account.
func created[Form, T any](
	a *api, object reference.Object,
	show func(ctx context.Context, account, id int64) (T, error),
	create func(ctx context.Context, account int64, form Form) (T, reference.Warnings, error),
) func(context.Context, *createAsked[Form]) (reference.Changed[T], error) {
	return func(ctx context.Context, in *createAsked[Form]) (none reference.Changed[T], err error) {
		account, err := in.one(ctx)
		if err != nil {
			return none, err
		}
		return createOnce(ctx, in.IdempotencyKey, account, object, in.Body,
			func(ctx context.Context, id int64) (T, error) { return show(ctx, account, id) },
			func(ctx context.Context) (T, reference.Warnings, error) { return create(ctx, account, in.Body) })
	}
}

// createOnce creates an object, or shows the one that the same request has created.
func createOnce[T any](
	ctx context.Context, key IdempotencyKey, account int64, object reference.Object, form any,
	show func(ctx context.Context, id int64) (T, error),
	create func(ctx context.Context) (T, reference.Warnings, error),
) (none reference.Changed[T], err error) {
	if ctx, err = key.once(ctx, account, object, form); err != nil {
		return none, err
	}
	made, warnings, err := create(ctx)
	var before *reference.CreatedBeforeError
	if errors.As(err, &before) {
		made, err = show(ctx, before.ID)
	}
	if err != nil {
		return none, err
	}
	return reference.NewChanged(made, warnings), nil
}

// editAsked are the parameters of an edit.
type editAsked[Form any] struct {
	ObjectAsked
	IfMatch string `header:"If-Match" required:"true" minLength:"1" maxLength:"200" doc:"The ETag of the object as it was read, or *."`
	Body    Form
}

// tagged is a response with the version of its object.
type tagged[T any] struct {
	ETag string `header:"ETag" doc:"The version of the object."`
	Body T
}

// tag is the ETag of an object.
func tag(object any) string { return tagOf(reference.VersionOf(object)) }

// edited returns an operation that edits an object of an account.
func edited[Form, T any](
	change func(ctx context.Context, account, id int64, form Form) (T, reference.Warnings, error),
) func(context.Context, *editAsked[Form]) (*tagged[reference.Changed[T]], error) {
	return func(ctx context.Context, in *editAsked[Form]) (*tagged[reference.Changed[T]], error) {
		return edit(ctx, in.ObjectAsked, in.IfMatch, func(ctx context.Context, account int64) (T, reference.Warnings, error) {
			return change(ctx, account, in.ID, in.Body)
		})
	}
}

// edit changes an object of an account that has the version of If-Match.
func edit[T any](ctx context.Context, asked ObjectAsked, ifMatch string,
	change func(ctx context.Context, account int64) (T, reference.Warnings, error),
) (*tagged[reference.Changed[T]], error) {
	account, err := asked.account(ctx)
	if err != nil {
		return nil, err
	}
	return editMatching(ctx, ifMatch, func(ctx context.Context) (T, reference.Warnings, error) { return change(ctx, account) })
}

// editMatching changes an object that has the version of If-Match.
func editMatching[T any](ctx context.Context, ifMatch string, change func(ctx context.Context) (T, reference.Warnings, error)) (*tagged[reference.Changed[T]], error) {
	if ifMatch != "*" {
		version := strings.Trim(ifMatch, `"`)
		if version == "" || tagOf(version) != ifMatch {
			return nil, problem(invalid, "If-Match is no ETag", `send the header as it was read, with its quotes: If-Match: "0123.."`)
		}
		ctx = reference.Under(ctx, reference.Condition{Version: version})
	}
	after, warnings, err := change(ctx)
	if err != nil {
		return nil, err
	}
	return &tagged[reference.Changed[T]]{tag(after), reference.NewChanged(after, warnings)}, nil
}

// tagOf is the ETag of a version.
func tagOf(version string) string { return `"` + version + `"` }

// versioned is shown with the version of the object.
func versioned[T any](show func(ctx context.Context, account, id int64) (T, error)) func(context.Context, *ObjectAsked) (*tagged[T], error) {
	return func(ctx context.Context, in *ObjectAsked) (*tagged[T], error) {
		object, err := shown(show)(ctx, in)
		if err != nil {
			return nil, err
		}
		return &tagged[T]{tag(object), object}, nil
	}
}
