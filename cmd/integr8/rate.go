package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"golang.org/x/time/rate"
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

// pace returns the size of the batches, about ten a second, and what holds them
// back.
func (p perSecond) pace() (int, *rate.Limiter) {
	if p == 0 {
		return deadPage, rate.NewLimiter(rate.Inf, deadPage)
	}
	size := int(min(max(float64(p)/10, 1), deadPage))
	return size, rate.NewLimiter(rate.Limit(p), size)
}
