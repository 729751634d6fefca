package app

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/token"
)

func TestWhatAProcessDoesWithoutIsARemark(t *testing.T) {
	t.Parallel()
	away := errors.New("away")
	failing := required(func(context.Context) (string, error) { return "", away })
	ctx, stop := context.WithCancel(t.Context())
	checks := newLifecycle(
		component{name: "broker", ready: failing.tolerated("hits go to disk")},
		component{name: "database", ready: failing},
		component{name: "hits", ready: required(func(context.Context) (string, error) { return "spooling", nil }).tolerated("unused")},
		component{name: "doors"},
	).checks(ctx)
	require.Len(t, checks, 4, "those that mean something, and the process")

	for name, want := range map[string]string{"broker": "hits go to disk: away", "hits": "spooling", "process": ""} {
		remark, err := checks[name](t.Context())
		require.NoError(t, err, name)
		require.Equal(t, want, remark, name)
	}
	_, err := checks["database"](t.Context())
	require.ErrorIs(t, err, away)

	stop()
	_, err = checks["process"](t.Context())
	require.EqualError(t, err, "stopping")
}

// What a process does without follows from what it is for.
func TestReadinessFollowsFromTheRoles(t *testing.T) {
	t.Parallel()
	keys, err := token.ParseKeys("a service secret for tests")
	require.NoError(t, err)
	withoutBy := func(change func(*Options)) map[string]string {
		options := Defaults()
		options.DatabaseURL, options.AMQPURL = "postgres://127.0.0.1:1/none", "amqp://127.0.0.1:1/"
		options.Keys, options.Logger = keys, slog.New(slog.DiscardHandler)
		options.Admin.Addr, options.Web.Addr, options.Receiver.SpoolDir = "127.0.0.1:0", "127.0.0.1:0", t.TempDir()
		change(&options)
		p := New(options).process()
		require.NoError(t, p.assemble(t.Context()))
		defer func() { require.NoError(t, p.abandon()) }()
		without := map[string]string{}
		for _, c := range p.components {
			if c.ready.check != nil {
				without[c.name] = c.ready.without
			}
		}
		return without
	}
	require.Equal(t, map[string]string{
		"broker": "away, hits go to disk", "database": "away, hits wait", "hits": "", "reference data": "", "schema": "", "secrets": "",
	}, withoutBy(func(options *Options) { options.Worker, options.Web = nil, nil }))
	require.Equal(t, map[string]string{
		"broker": "", "database": "", "handling": "", "reference data": "", "schema": "", "secrets": "",
	}, withoutBy(func(options *Options) { options.Receiver, options.Web = nil, nil }))
	require.Equal(t, map[string]string{
		"API": "", "broker": "away, the API and jobs replay nothing", "database": "", "schema": "",
	}, withoutBy(func(options *Options) { options.Receiver, options.Worker = nil, nil }))
	require.Equal(t, map[string]string{
		"API": "away, the API answers 503", "broker": "away, hits go to disk", "database": "away, hits wait", "handling": "hits wait", "hits": "",
		"reference data": "", "schema": "", "secrets": "",
	}, withoutBy(func(*Options) {}))
}
