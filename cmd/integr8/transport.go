package main

import (
	"cmp"
	"net"
	"net/url"
	"strings"
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
func (a *app) unsafeWays() []string {
	var found []string
	if a.unsafeDatabase() {
		found = append(found, unsafePostgres)
	}
	for address := range strings.SplitSeq(a.settings.AMQPURL, ",") {
		// amqps always verifies.
		if broker, err := url.Parse(strings.TrimSpace(address)); err == nil && broker.Scheme == "amqp" && !isLoopbackHost(broker.Hostname()) {
			return append(found, unsafeRabbitMQ)
		}
	}
	return found
}

func (a *app) unsafeDatabase() bool {
	address, err := url.Parse(a.settings.DatabaseURL)
	if err != nil || a.settings.DatabaseURL == "" {
		return false // it is told elsewhere
	}
	host := cmp.Or(address.Query().Get("host"), address.Hostname())
	if strings.HasPrefix(host, "/") || isLoopbackHost(host) {
		return false
	}
	fromEnvironment, _ := a.lookup("PGSSLMODE")
	switch cmp.Or(address.Query().Get("sslmode"), fromEnvironment) {
	case "verify-full", "verify-ca":
		return false
	}
	return true
}

func isLoopbackHost(host string) bool {
	if host == "" || host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
