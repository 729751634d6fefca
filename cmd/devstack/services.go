package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

// policy is the program that Debian's packages ask before they start or stop a service,
// see /usr/share/doc/init-system-helpers/README.policy-rc.d. It forbids the services
// that are being installed, and leaves all others to the earlier policy. 101 means
// forbidden.
const policy = `#!/bin/sh
# Written by integr8's devstack while it installs packages.
case " $* " in
*rabbitmq*|*postgresql*|*epmd*|*prometheus*) exit 101 ;;
esac
if [ -x "$0.before-integr8" ]; then exec "$0.before-integr8" "$@"; fi
exit 0
`

// noCluster prevents Debian's packages from making a database of their own.
const noCluster = `# Written by integr8's devstack while it installs packages.
create_main_cluster = false
`

// heldServices holds the files that prevent packages from starting services.
type heldServices struct{ policy, before, cluster string }

// holdServices prevents packages that are installed under root from starting services
// until release is called, which is safe after an error too. It repairs the state that
// an earlier, killed run left behind.
func holdServices(root string) (*heldServices, error) {
	h := &heldServices{
		policy:  filepath.Join(root, "usr/sbin/policy-rc.d"),
		before:  filepath.Join(root, "usr/sbin/policy-rc.d.before-integr8"),
		cluster: filepath.Join(root, "etc/postgresql-common/createcluster.d/integr8.conf"),
	}
	if err := h.release(); err != nil {
		return h, err
	}
	if err := os.Rename(h.policy, h.before); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return h, fmt.Errorf("set the policy of services aside: %w", err)
	}
	if err := os.WriteFile(h.policy, []byte(policy), 0o755); err != nil {
		return h, fmt.Errorf("forbid starting services: %w", err)
	}
	if err := os.Chmod(h.policy, 0o755); err != nil { // with any umask
		return h, fmt.Errorf("forbid starting services: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(h.cluster), 0o755); err != nil {
		return h, fmt.Errorf("forbid making a database: %w", err)
	}
	if err := os.WriteFile(h.cluster, []byte(noCluster), 0o644); err != nil {
		return h, fmt.Errorf("forbid making a database: %w", err)
	}
	return h, nil
}

// release restores everything.
func (h *heldServices) release() error {
	var errs []error
	if text, err := os.ReadFile(h.policy); err == nil && string(text) == policy {
		errs = append(errs, os.Remove(h.policy))
	}
	if _, err := os.Lstat(h.before); err == nil {
		errs = append(errs, os.Rename(h.before, h.policy))
	}
	if err := os.Remove(h.cluster); err != nil && !errors.Is(err, fs.ErrNotExist) {
		errs = append(errs, err)
	}
	// Directories that were made for it are empty now and are removed; others stay.
	_ = os.Remove(filepath.Dir(h.cluster))
	_ = os.Remove(filepath.Dir(filepath.Dir(h.cluster)))
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("restore the policy of services: %w", err)
	}
	return nil
}

// services lists the services that the packages enable and that would listen after the
// next start of the machine. That of Postgres is not among them: without a database it
// starts nothing.
func services() []string {
	return []string{"rabbitmq-server.service", "epmd.service", "epmd.socket", "prometheus.service"}
}

// enabledServices returns which of them the system starts.
func enabledServices() map[string]bool {
	enabled := map[string]bool{}
	for _, name := range services() {
		enabled[name] = exec.Command("systemctl", "is-enabled", "--quiet", name).Run() == nil
	}
	return enabled
}

// disableServices disables those that were not enabled before.
func disableServices(before map[string]bool) error {
	if _, err := exec.LookPath("systemctl"); err != nil {
		return nil // nothing starts services here
	}
	var errs []error
	for _, name := range services() {
		if before[name] || exec.Command("systemctl", "is-enabled", "--quiet", name).Run() != nil {
			continue
		}
		if printed, err := exec.Command("systemctl", "disable", name).CombinedOutput(); err != nil {
			errs = append(errs, fmt.Errorf("keep %s from starting with the machine: %w: %s", name, err, printed))
		}
	}
	return errors.Join(errs...)
}
