package system

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"integr8/cmd/internal/process"
)

// Balance is what integr8 audit says, as far as the drills read it.
type Balance struct {
	Promised int64 `json:"promised"`
	Settled  int64 `json:"settled"`
	OnTheWay int64 `json:"on_the_way"`
	Places   struct {
		Queue, Retry, Spool, Waiting int64
	} `json:"places"`
	Unaccounted int64 `json:"unaccounted"`
	Unproved    int64 `json:"unproved"`
	Missing     []struct {
		Receiver string `json:"receiver"`
		Queue    string `json:"queue"`
		First    int64  `json:"first"`
		Last     int64  `json:"last"`
		Hits     int64  `json:"hits"`
	} `json:"missing"`
	Rows struct {
		Deleted           int64 `json:"deleted"`
		Doubled           int64 `json:"doubled"`
		WithoutConversion int64 `json:"without_conversion"`
		WithoutHit        int64 `json:"without_hit"`
	} `json:"rows"`
}

// AtRest reports whether nothing is on its way but postbacks that wait for their click.
func (b Balance) AtRest() bool { return b.OnTheWay == b.Places.Waiting }

// String is the balance in a line.
func (b Balance) String() string {
	text := fmt.Sprintf("%d promised, %d settled, %+v on the way, %d unaccounted, %d unproved; rows %+v",
		b.Promised, b.Settled, b.Places, b.Unaccounted, b.Unproved, b.Rows)
	for _, m := range b.Missing {
		text += fmt.Sprintf("; missing of %s in %s: %d to %d", m.Receiver, m.Queue, m.First, m.Last)
	}
	return text
}

// Audit runs integr8 audit with the comparison of the rows. unbalanced reports whether
// the program ended with code 1, as it must when something is missing.
func (s *System) Audit(ctx context.Context) (balance Balance, unbalanced bool, err error) {
	out, err := s.Integr8(ctx, "audit", "--rows", "--json")
	var failed *process.Failed
	if errors.As(err, &failed) && failed.Code == 1 && len(out) > 0 {
		unbalanced, err = true, nil
	}
	if err != nil {
		return balance, false, err
	}
	if err := json.Unmarshal(out, &balance); err != nil {
		return balance, false, fmt.Errorf("read the balance of integr8 audit: %w", err)
	}
	return balance, unbalanced, nil
}
