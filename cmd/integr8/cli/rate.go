package cli

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// perSecond is a rate; zero means no bound.
type perSecond float64

// UnmarshalText reads 200, 200/s or 0.5/s.
func (p *perSecond) UnmarshalText(text []byte) error {
	number, err := strconv.ParseFloat(strings.TrimSuffix(string(text), "/s"), 64)
	if err != nil || math.IsNaN(number) || number <= 0 || math.IsInf(number, 0) {
		return fmt.Errorf("%q is not a rate such as 200/s", text)
	}
	*p = perSecond(number)
	return nil
}
