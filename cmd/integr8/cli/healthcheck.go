package cli

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"integr8/cmd/integr8/app"
	"integr8/pipeline/failure"
)

type healthcheckCommand struct{}

// healthcheckTimeout is shorter than the time that container runtimes give.
const healthcheckTimeout = 3 * time.Second

// Run asks /readyz of the process that listens on the admin address.
func (c *healthcheckCommand) Run(ctx context.Context, inv *invocation) error {
	ctx, cancel := context.WithTimeout(ctx, healthcheckTimeout)
	defer cancel()
	host, port, err := net.SplitHostPort(inv.settings.AdminAddr)
	if err != nil {
		return app.AddressError(app.ForAdmin, inv.settings.AdminAddr, err)
	}
	if address := net.ParseIP(host); host == "" || address.IsUnspecified() {
		host = "localhost"
	}
	address := "http://" + net.JoinHostPort(host, port) + "/readyz"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return fmt.Errorf("ask %s: %w", address, err)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return failure.WithHint(fmt.Errorf("not ready: %w", err), "is a process running with INTEGR8_ADMIN_ADDR="+inv.settings.AdminAddr+"?")
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 4096))
	if err != nil {
		return fmt.Errorf("ask %s: %w", address, err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s: %s", response.Status, strings.TrimSpace(string(body)))
	}
	return nil
}
