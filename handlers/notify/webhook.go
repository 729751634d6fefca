// Package notify sends the notices of alerts: to webhooks and by e-mail.
package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"integr8/handlers/operate/alerts"
	"integr8/pipeline/connection"
	"integr8/pipeline/failure"
	"integr8/pipeline/token"
)

// Webhooks posts notices, signed as the specification Standard Webhooks says
// (standardwebhooks.com): webhook-id is the same for each attempt, and webhook-signature
// holds, for each service secret, "v1," and the base64 of the HMAC-SHA256 of the id, the
// time in Unix seconds and the body, joined by dots.
type Webhooks struct {
	keys   token.Keys
	client *http.Client
}

// NewWebhooks returns a sender. It connects to public addresses only, unless private is
// set: an account's address must not lead into the network of the service.
func NewWebhooks(keys token.Keys, private bool) Webhooks {
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	if !private {
		dialer.Control = refusePrivate
	}
	return Webhooks{keys: keys, client: &http.Client{
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: 5 * time.Second,
			DisableKeepAlives: true, MaxResponseHeaderBytes: 16 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// refusePrivate refuses an address, once it is resolved, that is not public.
func refusePrivate(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if !connection.IsPublic(to.Addr()) {
		return failure.WithHint(errors.New("the webhook leads to an address that is not public"),
			"INTEGR8_ALERT_PRIVATE allows it")
	}
	return nil
}

// Send posts a notice. Any status of 2xx means that it has arrived.
func (w Webhooks) Send(ctx context.Context, notice alerts.Notice) error {
	now := time.Now()
	body, err := json.Marshal(struct {
		Type      alerts.Event `json:"type"`
		Timestamp time.Time    `json:"timestamp"`
		Text      string       `json:"text"`
		Alert     alerts.Alert `json:"alert"`
	}{notice.Event, now.UTC(), notice.Line(), notice.Alert})
	if err != nil {
		return fmt.Errorf("write the notice: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, notice.URL, bytes.NewReader(body))
	if err != nil {
		return errors.New("the address of the webhook cannot be read")
	}
	id, at := notice.Key(), strconv.FormatInt(now.Unix(), 10)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "integr8")
	request.Header.Set("Webhook-Id", id)
	request.Header.Set("Webhook-Timestamp", at)
	request.Header.Set("Webhook-Signature", w.signatures(notice.WebhookID, id, at, body))
	response, err := w.client.Do(request)
	if err != nil {
		return fmt.Errorf("post to the webhook: %w", withoutAddress(err))
	}
	defer response.Body.Close()
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("the webhook answered %d", response.StatusCode)
	}
	_, _ = io.CopyN(io.Discard, response.Body, 4<<10) // what it says is of no use
	return nil
}

// withoutAddress removes the URL from an error: its query may hold a secret.
func withoutAddress(err error) error {
	var about *url.Error
	if errors.As(err, &about) {
		err = about.Err
	}
	return withoutHosts(err)
}

func (w Webhooks) signatures(webhook int64, id, at string, body []byte) string {
	var signatures []string
	for _, secret := range w.keys.WebhookSecrets(webhook) {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, token.WebhookMark))
		if err != nil {
			panic("a secret of our own is no base64: " + err.Error())
		}
		mac := hmac.New(sha256.New, key)
		fmt.Fprintf(mac, "%s.%s.%s", id, at, body)
		signatures = append(signatures, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return strings.Join(signatures, " ")
}
