package cli

import (
	"cmp"
	"net/url"
	"strings"

	"integr8/cmd/integr8/app"
)

// What an operator is told of a way to a server on which others can read or
// answer in its place.
const (
	unsafePostgres = "the way to Postgres is not encrypted, or its certificate is not verified, and it leaves this machine"
	unsafeRabbitMQ = "the way to RabbitMQ is not encrypted, and it leaves this machine"
	transportHint  = "put sslmode=verify-full (with sslrootcert=FILE for an authority of your own) into DATABASE_URL, and amqps:// into AMQP_URL"
)

// unsafeWays looks at the addresses of the servers alone. What it warns of may be
// intended, as in a network of containers on one machine.
func (inv *invocation) unsafeWays() []string {
	var found []string
	if inv.unsafeDatabase() {
		found = append(found, unsafePostgres)
	}
	for address := range strings.SplitSeq(inv.settings.AMQPURL, ",") {
		// amqps always verifies.
		if broker, err := url.Parse(strings.TrimSpace(address)); err == nil && broker.Scheme == "amqp" && !app.IsLoopback(broker.Hostname()) {
			return append(found, unsafeRabbitMQ)
		}
	}
	return found
}

func (inv *invocation) unsafeDatabase() bool {
	address, err := url.Parse(inv.settings.DatabaseURL)
	if err != nil || inv.settings.DatabaseURL == "" {
		return false // it is told elsewhere
	}
	host := cmp.Or(address.Query().Get("host"), address.Hostname())
	if strings.HasPrefix(host, "/") || app.IsLoopback(host) {
		return false
	}
	fromEnvironment, _ := inv.lookup("PGSSLMODE")
	switch cmp.Or(address.Query().Get("sslmode"), fromEnvironment) {
	case "verify-full", "verify-ca":
		return false
	}
	return true
}
