// Package doorclient sends the requests of tests to the doors.
package doorclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/operate/links"
	"integr8/handlers/operate/tester"
	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

const (
	// requestTime bounds one request, with its connection.
	requestTime = 5 * time.Second
	// mostBody is more than a door ever answers.
	mostBody = 16 << 10
	// agent is neither a browser's nor a crawler's.
	agent = "integr8-test"
)

// Client sends requests to the doors, at one address that the operator has set: no request
// says where it goes.
type Client struct {
	base   links.Base
	client *http.Client
}

// New returns a Client for the address of the doors.
func New(base *url.URL) *Client {
	return &Client{base: links.Base{URL: base}, client: &http.Client{
		Timeout: requestTime,
		Transport: &http.Transport{
			DialContext: (&net.Dialer{Timeout: requestTime}).DialContext, TLSHandshakeTimeout: requestTime,
			DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Ask sends one request, see tester.Doors.
func (c *Client) Ask(ctx context.Context, asked tester.Request) (tester.Response, error) {
	request, err := http.NewRequestWithContext(ctx, asked.Method, c.base.Door(asked.Door, asked.Parameters...), nil)
	if err != nil {
		return tester.Response{}, errors.New("the address of the doors cannot be read")
	}
	if asked.Host != "" {
		request.Host = asked.Host
	}
	request.Header.Set("User-Agent", agent)
	request.Header.Set("Accept", "application/json")
	began := time.Now()
	response, err := c.client.Do(request)
	if err != nil {
		return tester.Response{}, c.unreachable(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, mostBody))
	if err != nil {
		return tester.Response{}, c.unreachable(err)
	}
	read := readResponse(response, body)
	read.Took = time.Since(began)
	return read, nil
}

func readResponse(response *http.Response, body []byte) tester.Response {
	read := tester.Response{
		Status: response.StatusCode, Location: response.Header.Get("Location"), Note: response.Header.Get("X-Note"),
		Test: response.Header.Get(hit.TestHeader) == "true",
	}
	if receipt, err := uuid.Parse(response.Header.Get("X-Receipt")); err == nil {
		read.Receipt = receipt
	}
	var said struct {
		Error  string         `json:"error"`
		Reason outcome.Reason `json:"reason"`
	}
	if json.Unmarshal(body, &said) == nil { // a redirect and a pixel have no JSON
		read.Line, read.Reason = said.Error, said.Reason
	}
	return read
}

// unreachable is the error where the doors do not answer. It leaves the URL out, which has
// secrets.
func (c *Client) unreachable(err error) error {
	var about *url.Error
	if errors.As(err, &about) {
		err = about.Err
	}
	return failure.WithHint(fmt.Errorf("the doors do not answer this process at %s: %w", c.base.URL.Redacted(), err),
		"start a receiver; where this process reaches it by another address than the public one, set INTEGR8_DOORS_URL to that, such as http://receive:8080")
}
