package cli

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"
)

// decodeNumber reads the number of an account, an offer or the like. All flags
// and arguments of type int64 are such numbers. 0 is refused: in the code it
// stands for a flag that was left out, and a filter or an edit would take in more
// than was meant.
func decodeNumber(ctx *kong.DecodeContext, target reflect.Value) error {
	var written string
	if err := ctx.Scan.PopValueInto("number", &written); err != nil {
		return err
	}
	number, err := strconv.ParseInt(strings.TrimSpace(written), 10, 64)
	if err != nil || number < 1 {
		return fmt.Errorf("%q is not the number of anything: it is a whole number from 1 up, as the list commands print it", written)
	}
	target.SetInt(number)
	return nil
}

// Validate refuses a flag of a few words that is given empty, as a script with an
// unset variable does: the empty text stands for a flag that was left out.
func (g *grammar) Validate(parsed *kong.Context) error {
	for _, path := range parsed.Path {
		flag := path.Flag
		if flag == nil || path.Resolved || flag.Enum == "" || flag.Target.Kind() != reflect.String || flag.Target.String() != "" {
			continue
		}
		return fmt.Errorf("--%s must be one of %s, and is empty", flag.Name, strings.TrimPrefix(flag.Enum, ","))
	}
	return nil
}
