package history

import "context"

type actorKey struct{}

// By returns a context in which what is changed is recorded as done by an actor: a
// person and a place, such as ann@desk, or the key of a program.
func By(ctx context.Context, actor string) context.Context {
	return context.WithValue(ctx, actorKey{}, actor)
}

// Actor returns the actor of By; empty when none was named.
func Actor(ctx context.Context) string {
	actor, _ := ctx.Value(actorKey{}).(string)
	return actor
}
