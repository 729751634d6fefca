package system

import (
	"context"
	"errors"

	"integr8/cmd/internal/process"
)

// CheckRollups runs integr8 rollup check over the last two days. It returns what the
// program says where a sum differs from the rows, and otherwise nothing.
func (s *System) CheckRollups(ctx context.Context) (differs string, err error) {
	_, err = s.Integr8(ctx, "rollup", "check", "--since", "2d")
	var failed *process.Failed
	if errors.As(err, &failed) {
		return failed.Said, nil
	}
	return "", err
}
