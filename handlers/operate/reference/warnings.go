package reference

import "fmt"

// Warnings are sentences for people about acts that were done but may not be intended.
type Warnings []string

func warn(format string, arguments ...any) Warnings {
	return Warnings{fmt.Sprintf(format, arguments...)}
}
