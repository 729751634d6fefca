package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"integr8/cmd/devstack/ports"
)

// managementDistance is how far the port of the management API is above that of
// AMQP, as RabbitMQ has it by default: 15672 and 5672.
const managementDistance = 10000

// configure writes what the node reads at its start.
func (n *node) configure() error {
	if err := os.MkdirAll(n.file("conf.d"), 0o700); err != nil {
		return fmt.Errorf("make the home of RabbitMQ: %w", err)
	}
	settings := []string{
		"listeners.tcp.1 = " + ports.Loopback(n.Port),
		// Made on the first start only; there is no user guest.
		"default_user = " + brokerUser,
		"default_pass = " + n.password,
		// No administrator: whatever is tested needs only the rights on its vhost.
		"default_user_tags.administrator = false",
		// Disks of development machines are small, and the default for a
		// production node would block publishers there.
		"disk_free_limit.absolute = 200MB",
		"log.console = false",
		"log.file.level = info",
	}
	plugins := "[]"
	if len(n.members) > 1 {
		settings = append(settings, n.clusterSettings()...)
	} else {
		settings = append(settings, "vm_memory_high_watermark.relative = 0.4")
		if api := n.Port + managementDistance; ports.Free(api) {
			plugins = "[rabbitmq_management]"
			settings = append(settings, managementSettings(api)...)
		}
	}
	files := map[string]string{
		"rabbitmq.conf": strings.Join(settings, "\n") + "\n",
		// In place of the files of the same names in /etc/rabbitmq.
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

// managementSettings open the management API, which integr8 doctor reads and
// tests set policies by. Without statistics it costs the broker nothing at work.
func managementSettings(port int) []string {
	return []string{
		"management.tcp.ip = 127.0.0.1",
		"management.tcp.port = " + strconv.Itoa(port),
		"default_user_tags.policymaker = true",
		"management_agent.disable_metrics_collector = true",
	}
}

// erlangHome is the home directory that Erlang sees.
func (n *node) erlangHome() string { return filepath.Join(n.dir, "rabbitmq") }

// environment keeps the node away from every file and port of a RabbitMQ that
// the system itself has.
func (n *node) environment() []string {
	arguments := "-kernel inet_dist_use_interface {127,0,0,1}"
	if len(n.members) > 1 {
		arguments += clusterArguments
	}
	return plainEnvironment(append(n.epmd.environment(),
		ownerVariable+"="+n.home(),
		"HOME="+n.erlangHome(),
		// Without it the script stays as a parent that answers SIGTERM with a
		// detour over rabbitmqctl, which takes seconds.
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
