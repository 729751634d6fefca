package stack

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"integr8/cmd/internal/ports"
)

// managementDistance is how far the port of the management API is above that of AMQP:
// as with RabbitMQ's defaults, 15672 and 5672.
const managementDistance = 10000

// configure writes the files that the node reads at its start.
func (n *node) configure() error {
	if err := os.MkdirAll(n.file("conf.d"), 0o700); err != nil {
		return fmt.Errorf("make the home of RabbitMQ: %w", err)
	}
	settings := []string{
		"listeners.tcp.1 = " + ports.Loopback(n.Port),
		// The user is made at the first start only; there is no user guest.
		"default_user = " + brokerUser,
		"default_pass = " + n.password,
		// The user is no administrator: tests need only the rights on its vhost.
		"default_user_tags.administrator = false",
		// Disks of development machines are small, and the default for a
		// production node would block publishers there.
		"disk_free_limit.absolute = 200MB",
		"log.console = false",
		"log.file.level = info",
	}
	plugins := "[]"
	if n.cluster != nil {
		settings = append(settings, n.cluster.Settings...)
	} else {
		settings = append(settings, "vm_memory_high_watermark.relative = 0.4")
		if api := n.Port + managementDistance; ports.Free(api) {
			plugins = "[rabbitmq_management]"
			settings = append(settings, managementSettings(api)...)
		}
	}
	files := map[string]string{
		"rabbitmq.conf": strings.Join(settings, "\n") + "\n",
		// These replace the files of the same names in /etc/rabbitmq.
		"enabled_plugins": plugins + ".\n",
		"advanced.config": "[].\n",
	}
	for name, text := range files {
		if err := os.WriteFile(n.file(name), []byte(text), 0o600); err != nil {
			return fmt.Errorf("configure RabbitMQ: %w", err)
		}
	}
	return nil
}

// managementSettings enable the management API, which integr8 doctor reads and with
// which tests set policies. Without statistics it costs the broker nothing under load.
func managementSettings(port int) []string {
	return []string{
		"management.tcp.ip = 127.0.0.1",
		"management.tcp.port = " + strconv.Itoa(port),
		"default_user_tags.policymaker = true",
		"management_agent.disable_metrics_collector = true",
	}
}

// erlangHome returns the home directory of Erlang.
func (n *node) erlangHome() string { return filepath.Join(n.dir, "rabbitmq") }

// environment separates the node from every file and port of the system's own RabbitMQ.
func (n *node) environment() []string {
	arguments := "-kernel inet_dist_use_interface {127,0,0,1}"
	if n.cluster != nil {
		arguments += " " + n.cluster.Arguments
	}
	return plainEnvironment(append(n.epmd.environment(),
		ownerVariable+"="+n.home(),
		"HOME="+n.erlangHome(),
		// Without it the script remains as a parent that handles SIGTERM with
		// rabbitmqctl, which takes seconds.
		"RUNNING_UNDER_SYSTEMD=true",
		"RABBITMQ_NODENAME="+n.erlangName(),
		"RABBITMQ_DIST_PORT="+strconv.Itoa(n.ErlangPort),
		"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+arguments,
		"RABBITMQ_CONF_ENV_FILE="+n.file("rabbitmq-env.conf"),
		"RABBITMQ_CONFIG_FILE="+n.file("rabbitmq.conf"),
		"RABBITMQ_CONFIG_FILES="+n.file("conf.d"),
		"RABBITMQ_ADVANCED_CONFIG_FILE="+n.file("advanced.config"),
		"RABBITMQ_ENABLED_PLUGINS_FILE="+n.file("enabled_plugins"),
		"RABBITMQ_MNESIA_BASE="+n.file("data"),
		"RABBITMQ_LOG_BASE="+n.file("log"),
		"RABBITMQ_LOGS="+n.file("log/rabbitmq.log"),
		"RABBITMQ_PID_FILE="+n.file("rabbitmq.pid"),
		"ERL_CRASH_DUMP="+n.file("erl_crash.dump"),
	)...)
}
