package rabbit

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	amqp "github.com/rabbitmq/amqp091-go"
)

// address is one broker. Only host may appear in logs and errors: the URL
// holds the password.
type address struct {
	url  string
	host string
}

// parseAddresses reads a comma-separated list of AMQP URLs. A comma inside a
// user name or password is written %2C. An error contains no part of a URL, because
// the parser may take the password of a malformed URL for its host or its path.
func parseAddresses(list string) ([]address, error) {
	if strings.TrimSpace(list) == "" {
		return nil, errors.New("no broker address: set AMQP_URL, such as amqp://user:password@host:5672/")
	}
	var addresses []address
	for i, url := range strings.Split(list, ",") {
		url = strings.TrimSpace(url)
		uri, err := amqp.ParseURI(url)
		// An unescaped # or / in a password would make a part of it the host.
		if err != nil || strings.Contains(url, "#") || strings.Count(url, "@") > 1 || strings.Contains(uri.Vhost, "@") {
			return nil, fmt.Errorf("broker address %d cannot be read: it must look like amqp://user:password@host:5672/ "+
				"with special characters in user and password percent-encoded", i+1)
		}
		addresses = append(addresses, address{url, net.JoinHostPort(uri.Host, strconv.Itoa(uri.Port))})
	}
	return addresses, nil
}
