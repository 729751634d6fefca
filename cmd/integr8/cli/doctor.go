package cli

import (
	"context"
	"fmt"

	"integr8/handlers/operate"
	"integr8/handlers/operate/doctor"
	"integr8/handlers/operate/queues"
	"integr8/pipeline/failure"
	"integr8/pipeline/rabbit"
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
func (c *doctorCommand) Run(ctx context.Context, inv *invocation) error {
	report, err := inv.examined().Examine(ctx)
	if err != nil {
		return err
	}
	if err := c.print(inv, report.Findings, func(t *table) { findingTable(t, report) }); err != nil {
		return err
	}
	broken, warnings := report.Count(doctor.Broken), report.Count(doctor.Warning)
	const hint = "do what the lines with -> say, then run integr8 doctor again"
	switch {
	case broken > 0:
		return failure.WithHint(fmt.Errorf("%s broken", operate.Share(broken, len(report.Findings), "finding", "is", "are")), hint)
	case c.Strict && warnings > 0:
		return failure.WithHint(fmt.Errorf("%s worth a look", operate.Share(warnings, len(report.Findings), "finding", "is", "are")), hint)
	}
	return nil
}

func findingTable(t *table, report doctor.Report) {
	if report.Count(doctor.Note) == len(report.Findings) {
		t.row(allWell)
	}
	for _, found := range report.Findings {
		t.row(found.Level, found.Check, found.What)
		if found.Hint != "" {
			t.row("", "", "-> "+found.Hint)
		}
		for _, one := range found.Examples {
			t.row("", "", "   "+one.What)
		}
		if found.Omitted > 0 {
			t.row("", "", fmt.Sprintf("   and %d more", found.Omitted))
		}
	}
	for _, remark := range report.Remarks {
		t.row()
		t.row(remark)
	}
}

// examined is the system as far as the settings name it. What they do not is a finding.
func (inv *invocation) examined() doctor.System {
	system := doctor.System{
		LateClicks: inv.settings.LateClicks, LateGrace: inv.settings.LateGrace,
		Hide: inv.hideSecrets, HintOf: func(err error) string { return hintOf(err, nil) },
	}
	failed := func(check string, err error) {
		system.Given = append(system.Given, doctor.Failed(check, err, system.HintOf))
	}
	warn := func(check, what, hint string) {
		system.Given = append(system.Given, doctor.Finding{Level: doctor.Warning, Check: check, What: what, Hint: hint})
	}
	var err error
	if system.Keys, err = inv.settings.keys(); err != nil {
		failed("settings", err)
	}
	if _, err := inv.settings.publicURL(); err != nil {
		failed("settings", err)
	}
	if inv.hasOldRetention() {
		warn("settings", oldRetention, oldRetentionHint)
	}
	for _, what := range inv.unsafeWays() {
		warn("transport", what, transportHint)
	}
	if own, err := inv.spoolDir(); err == nil {
		system.Spools = &doctor.Spools{Own: own, Near: inv.otherSpoolDirs()}
	} else { // this machine may run no receiver
		system.Given = append(system.Given, doctor.Finding{Level: doctor.Note, Check: "spool", Hint: "set INTEGR8_SPOOL_DIR where a receiver runs here",
			What: "not looked at: spool directories of this machine, because " + failure.OneLine(err)})
	}
	if db, err := inv.store(); err == nil {
		system.Store = db
	} else {
		failed("settings", err)
	}
	if system.Broker, err = inv.examinedBroker(); err != nil {
		failed("settings", err)
	}
	return system
}

func (inv *invocation) examinedBroker() (*doctor.Broker, error) {
	address, err := inv.settings.amqpURL()
	if err != nil {
		return nil, err
	}
	management, err := rabbit.NewManagement(address, inv.settings.ManagementURL)
	if err != nil {
		return nil, failure.WithHint(err, "INTEGR8_MANAGEMENT_URL looks like http://host:15672; without it port 15672 of the hosts in AMQP_URL is asked")
	}
	topology := inv.settings.topology()
	return &doctor.Broker{URL: address, Topology: topology, Management: management, Queues: func(ctx context.Context) ([]queues.Queue, error) {
		watcher, err := inv.watcher()
		if err != nil {
			return nil, err
		}
		view, err := inv.lookAtQueues(ctx, watcher)
		return view.Queues, err
	}}, nil
}
