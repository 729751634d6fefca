package cli

import (
	"context"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// One goroutine of the doors' library keeps the date for all servers, for good.
func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		os.Exit(Run(context.Background(), os.Args[1:], os.LookupEnv, os.Stdin, os.Stdout, os.Stderr))
	}
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"))
}
