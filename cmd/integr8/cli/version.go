package cli

import "integr8/handlers/operate/version"

type versionCommand struct{ output }

// Run prints what the program was built from.
func (c *versionCommand) Run(inv *invocation) error {
	built := version.Read()
	return c.print(inv, built, func(t *table) {
		t.row("integr8", built.Version)
		t.row("revision", built.Revision)
		t.row("built with", built.Go)
	})
}
