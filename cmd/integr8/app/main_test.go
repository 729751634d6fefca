package app

import (
	"testing"

	"go.uber.org/goleak"
)

// One goroutine of the doors' library keeps the date for all servers, for good.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"))
}
