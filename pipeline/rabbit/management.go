package rabbit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	amqp "github.com/rabbitmq/amqp091-go"
)

// managementDistance is how far the port of the management API is above that of
// AMQP by default: 15672 and 5672, 15671 and 5671.
const managementDistance = 10000

// maxManagementBytes bounds what is read of one response.
const maxManagementBytes = 64 << 20

// Management is a client of the broker's management API, which shows the bindings and
// policies that AMQP does not show. Every call fails with ErrNoManagement when the
// API cannot be used.
type Management struct {
	bases []string
	user  *url.Userinfo
	vhost string
}

// ErrNoManagement means that the management API does not respond, or refuses the user.
var ErrNoManagement = errors.New("the management API cannot be used")

// NewManagement returns a client for the API at own, or, when own is empty, at the
// hosts of brokers with the port of AMQP plus 10,000. The user and the virtual host
// are those of AMQP, unless own names a user.
func NewManagement(brokers, own string) (*Management, error) {
	addresses, err := parseAddresses(brokers)
	if err != nil {
		return nil, err
	}
	m := &Management{}
	for _, address := range addresses {
		uri, err := amqp.ParseURI(address.url)
		if err != nil {
			return nil, errors.New("a broker address cannot be read")
		}
		m.vhost, m.user = uri.Vhost, url.UserPassword(uri.Username, uri.Password)
		scheme := "http"
		if uri.Scheme == "amqps" {
			scheme = "https"
		}
		m.bases = append(m.bases, scheme+"://"+net.JoinHostPort(uri.Host, strconv.Itoa(uri.Port+managementDistance)))
	}
	if own == "" {
		return m, nil
	}
	parsed, err := url.Parse(strings.TrimRight(own, "/"))
	if err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Host == "" {
		return nil, errors.New("the address of the management API cannot be read: it must look like http://host:15672")
	}
	if parsed.User != nil {
		m.user, parsed.User = parsed.User, nil
	}
	m.bases = []string{parsed.String()}
	return m, nil
}

// String returns the addresses of the API, without a password.
func (m *Management) String() string { return strings.Join(m.bases, ", ") }

// get reads the JSON document /api/what/VHOST into into, from the first address that
// serves it.
func (m *Management) get(ctx context.Context, what string, into any) error {
	var last error
	for _, base := range m.bases {
		last = m.fetch(ctx, base+"/api/"+what+"/"+url.PathEscape(m.vhost), into)
		if last == nil || ctx.Err() != nil {
			break
		}
	}
	if last != nil {
		return fmt.Errorf("%w: %w", ErrNoManagement, last)
	}
	return nil
}

func (m *Management) fetch(ctx context.Context, address string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return fmt.Errorf("ask the management API: %w", err)
	}
	password, _ := m.user.Password()
	request.SetBasicAuth(m.user.Username(), password)
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true, Proxy: http.ProxyFromEnvironment},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	var failed *url.Error
	if errors.As(err, &failed) {
		err = failed.Err
	}
	if err != nil {
		return fmt.Errorf("ask %s: %w", request.URL.Host, err)
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Errorf("%s refuses the user %s, who needs the tag policymaker", address, m.user.Username())
	default:
		return fmt.Errorf("%s responds with status %d", address, response.StatusCode)
	}
	decoder := json.NewDecoder(io.LimitReader(response.Body, maxManagementBytes))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("read %s: %w", address, err)
	}
	return nil
}

// MissingBindings returns the bindings of the topology that the broker lacks. Without
// its binding a queue receives nothing: publishes for it fail as unroutable, and
// messages in retry queues never return to it.
func (t Topology) MissingBindings(ctx context.Context, api *Management) ([]Deviation, error) {
	type binding struct {
		Source      string `json:"source"`
		Destination string `json:"destination"`
		Kind        string `json:"destination_type"`
		Key         string `json:"routing_key"`
	}
	var bindings []binding
	if err := api.get(ctx, "bindings", &bindings); err != nil {
		return nil, fmt.Errorf("read the bindings: %w", err)
	}
	has := map[binding]bool{}
	for _, one := range bindings {
		has[one] = true
	}
	var found []Deviation
	for _, spec := range t.specs() {
		if !has[binding{spec.exchange, spec.name, "queue", spec.key}] {
			found = append(found, Deviation{
				Cause:  "bindings are missing: hits for these queues are refused, and those in retry queues cannot return",
				Object: spec.name, Detail: fmt.Sprintf("from exchange %s under the key %q", spec.exchange, spec.key), Loses: true,
			})
		}
	}
	return found, nil
}
