package main

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
)

type doctorCommand struct {
	output
	Strict bool `help:"Exit with 1 on warnings too."`
}

// allWell is said where there is neither a warning nor anything broken. The notes
// below it name what was not looked at.
const allWell = "Settings, database, broker and offers are as they should be, as far as was looked."

// Run looks at everything it can reach, and goes on where something is wrong. A
// server that hangs keeps it for about ten seconds, and none of the other's checks.
func (c *doctorCommand) Run(ctx context.Context, app *app) error {
	e := &examination{app: app, now: time.Now()}
	e.settings()
	e.spools()
	if err := e.servers(ctx); err != nil {
		return err
	}
	findings := worstFirst(e.findings)
	if err := c.print(app, findings, func(t *table) { e.table(t, findings) }); err != nil {
		return err
	}
	broken, warnings := ofLevel(findings, levelBroken), ofLevel(findings, levelWarning)
	const hint = "do what the lines with -> say, then run integr8 doctor again"
	switch {
	case broken > 0:
		return withHint(fmt.Errorf("%s broken", share(int64(broken), int64(len(findings)), "finding", "is", "are")), hint)
	case c.Strict && warnings > 0:
		return withHint(fmt.Errorf("%s worth a look", share(int64(warnings), int64(len(findings)), "finding", "is", "are")), hint)
	}
	return nil
}

// servers examines both servers at once. Its error is that of a command that was
// interrupted, never that of a check.
func (e *examination) servers(ctx context.Context) error {
	var patients []patient
	for _, about := range []func() (patient, bool){e.postgres, e.rabbitmq} {
		if one, ok := about(); ok {
			patients = append(patients, one)
		}
	}
	found := make([]*examination, len(patients))
	var group errgroup.Group
	for i, one := range patients {
		group.Go(func() error {
			found[i] = e.examine(ctx, one)
			return nil
		})
	}
	_ = group.Wait() // none returns an error
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("examine: %w", err)
	}
	for _, one := range found {
		e.findings = append(e.findings, one.findings...)
		e.remarks = append(e.remarks, one.remarks...)
	}
	return nil
}

func (e *examination) table(t *table, findings []finding) {
	if ofLevel(findings, levelNote) == len(findings) {
		t.row(allWell)
	}
	for _, found := range findings {
		found.rows(t)
	}
	for _, remark := range e.remarks {
		t.row()
		t.row(remark)
	}
}

func (e *examination) settings() {
	settings := e.app.settings
	if _, err := settings.keys(); err != nil {
		e.failed("settings", err)
	}
	if _, err := settings.publicURL(); err != nil {
		e.failed("settings", err)
	}
	if e.app.hasOldRetention() {
		e.warn("settings", party{}, oldRetention, oldRetentionHint)
	}
	for _, what := range e.app.unsafeWays() {
		e.warn("transport", party{}, what, transportHint)
	}
}
