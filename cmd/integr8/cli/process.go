package cli

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"integr8/cmd/integr8/app"
	"integr8/pipeline/failure"
)

// The commands that run until they are stopped.
type (
	// receiveCommand runs the doors.
	receiveCommand struct{}
	// workCommand runs the handlers.
	workCommand struct{}
	// webCommand serves the HTTP API and the console.
	webCommand struct{}
	// upCommand runs all of it in one process.
	upCommand struct{}
)

// Run serves until ctx ends.
func (receiveCommand) Run(ctx context.Context, inv *invocation) error {
	return inv.serve(ctx, func(options *app.Options) { options.Worker, options.Web = nil, nil })
}

// Run handles hits until ctx ends.
func (workCommand) Run(ctx context.Context, inv *invocation) error {
	return inv.serve(ctx, func(options *app.Options) { options.Receiver, options.Web = nil, nil })
}

// Run serves the HTTP API and the console until ctx ends.
func (webCommand) Run(ctx context.Context, inv *invocation) error {
	if inv.settings.WebAddr == noWeb {
		return failure.WithHint(errors.New("INTEGR8_WEB_ADDR is off"), "set the address of the HTTP API, such as 127.0.0.1:8082")
	}
	return inv.serve(ctx, func(options *app.Options) { options.Receiver, options.Worker = nil, nil })
}

// noWeb stands for no address of the HTTP API.
const noWeb = "off"

// Run serves and handles hits, and serves the HTTP API, until ctx ends.
func (upCommand) Run(ctx context.Context, inv *invocation) error {
	return inv.serve(ctx, func(options *app.Options) {
		if options.Web.Addr == noWeb {
			options.Web = nil
		}
	})
}

// serve runs the part of the system that remains of its options.
func (inv *invocation) serve(ctx context.Context, reduce func(*app.Options)) error {
	makeRoom := paceGC(inv.lookup)
	options, err := inv.processOptions()
	if err != nil {
		return err
	}
	options.MakeRoom = makeRoom
	if reduce(&options); options.Receiver != nil {
		if options.Receiver.SpoolDir, err = inv.spoolDir(); err != nil {
			return err
		}
		options.Receiver.SpoolDirsNear = inv.otherSpoolDirs()
	}
	if options.Web != nil {
		options.Web.Hide = inv.hideSecrets
		if options.Web.PublicURL, err = inv.settings.publicURL(); err != nil {
			return err
		}
		if options.Web.ReplicaURL, err = inv.settings.replicaURL(); err != nil {
			return err
		}
		if options.Web.DoorsURL, err = inv.settings.doorsURL(); err != nil {
			return err
		}
		if err := options.Web.Alerts.Check(); err != nil {
			return failure.WithHint(fmt.Errorf("INTEGR8_SMTP_URL, INTEGR8_ALERT_FROM and INTEGR8_ALERT_TO: %w", err),
				"set all three, or none of them for no e-mail")
		}
	}
	if inv.hasOldRetention() {
		options.Logger.Warn(oldRetention, "hint", oldRetentionHint)
	}
	if unsafe := inv.unsafeWays(); len(unsafe) > 0 {
		options.Logger.Warn(strings.Join(unsafe, "; "), "hint", transportHint)
	}
	return app.New(options).Run(ctx)
}

// processOptions are those of a process that is receiver, worker and API, but for the
// directory of its spool and the base of its links.
func (inv *invocation) processOptions() (options app.Options, err error) {
	s := inv.settings
	proxies := make([]netip.Prefix, len(s.TrustedProxies))
	for i, proxy := range s.TrustedProxies {
		proxies[i] = proxy.Prefix
	}
	options = app.Options{
		Receiver: &app.Receiver{
			Addr:                    s.Addr,
			ReusePort:               s.ReusePort,
			DrainDelay:              s.DrainDelay,
			TrustedProxies:          proxies,
			MaxURLBytes:             int(s.MaxURLBytes),
			MaxBodyBytes:            int(s.MaxBodyBytes),
			MaxConnections:          s.MaxConnections,
			MaxConnectionsPerSender: s.MaxConnsPerSender,
			MaxBytesUnderWay:        int(s.MaxBytesUnderWay),
			MaxPerSender:            s.MaxPerSender,
			JunkPerSecond:           s.JunkRate,
			JunkPerNetwork:          s.JunkRatePerNetwork,
			SpoolAfter:              s.SpoolAfter,
			SpoolMaxBytes:           int64(s.SpoolMaxBytes),
		},
		Web: &app.Web{
			Addr: s.WebAddr, Rate: s.WebRate, WrongKeys: s.WebWrongKeys, LateClicks: s.LateClicks, LateGrace: s.LateGrace,
			TrustedProxies: proxies, ManagementURL: s.ManagementURL, Alerts: s.alerts(),
			ReplicaLag: s.ReplicaLag,
		},
		Worker:          &app.Worker{Prefetch: s.Prefetch, LateClicks: s.LateClicks, LateGrace: s.LateGrace},
		Topology:        s.topology(),
		BatchHits:       s.BatchHits,
		ConfirmTimeout:  s.ConfirmTimeout,
		ShutdownTimeout: s.ShutdownTimeout,
		Admin:           app.Admin{Addr: s.AdminAddr, Password: s.AdminPassword, Profile: s.Profile},
		Logger:          inv.logger(),
		Clock:           faultyClock(),
	}
	if options.Keys, err = s.keys(); err != nil {
		return options, err
	}
	if options.AMQPURL, err = s.amqpURL(); err != nil {
		return options, err
	}
	options.DatabaseURL, err = s.databaseURL()
	return options, err
}
