package stack

import (
	"context"
	"fmt"
	"path/filepath"

	"integr8/cmd/internal/process"
)

// control runs a rabbitmqctl command on the node and returns its output.
func (n *node) control(ctx context.Context, arguments ...string) (string, error) {
	script, err := findRabbitMQ(rabbitmqLibrary)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, answerLimit, fmt.Errorf("no answer within %s", answerLimit))
	defer cancel()
	printed, err := process.Program{
		Name: "rabbitmqctl " + arguments[0],
		Path: filepath.Join(filepath.Dir(script), "rabbitmqctl"),
		Args: append([]string{"--quiet", "--node", n.erlangName()}, arguments...),
		Dir:  n.home(), Env: n.environment(),
	}.Output(ctx)
	if err != nil {
		return "", fmt.Errorf("ask %s: %w", n.title(), err)
	}
	return string(printed), nil
}
