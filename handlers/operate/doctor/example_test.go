package doctor_test

import (
	"context"
	"fmt"

	"integr8/handlers/operate/doctor"
)

// A page shows what is broken. A program passes its database, its broker and its
// secrets; here there are none.
func Example() {
	system := doctor.System{Given: []doctor.Finding{
		{Level: doctor.Broken, Check: "settings", What: "DATABASE_URL is not set", Hint: "name the Postgres to use"},
	}}
	report, err := system.Examine(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, found := range report.Findings {
		fmt.Printf("%s: %s (%s)\n", found.Level, found.What, found.Hint)
	}
	// Output: broken: DATABASE_URL is not set (name the Postgres to use)
}
