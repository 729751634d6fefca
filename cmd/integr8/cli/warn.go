package cli

import "fmt"

// warn writes to stderr what does not stop the command.
func (inv *invocation) warn(format string, arguments ...any) {
	fmt.Fprintf(inv.stderr, "warning: %s\n", printable(fmt.Sprintf(format, arguments...)))
}
