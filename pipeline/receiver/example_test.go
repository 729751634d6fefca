package receiver_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"integr8/pipeline/hit"
	"integr8/pipeline/receiver"
	"integr8/pipeline/token"
)

// printer is a queue that prints its hits, in place of the broker.
type printer struct{}

func (printer) Put(_ context.Context, h *hit.Hit) error {
	fmt.Printf("queued: %s %q\n", h.Kind, h.Refusal)
	return nil
}

// nobody is a directory without offers, domains and tokens.
type nobody struct{}

func (nobody) Offer(int64) (receiver.Offer, bool) { return receiver.Offer{}, false }
func (nobody) PublisherPaused(_, _ int64) bool    { return false }
func (nobody) PixelAccount(string) (int64, bool)  { return 0, false }
func (nobody) IsToken(string) bool                { return false }
func (nobody) HasImportedTokens() bool            { return false }
func (nobody) KnowsToken(token.Digest) bool       { return false }

func ExampleNew() {
	keys, err := token.ParseKeys("a-service-secret-of-some-length")
	if err != nil {
		fmt.Println(err)
		return
	}
	doors, err := receiver.New(receiver.Options{Queue: printer{}, Directory: nobody{}, Keys: keys})
	if err != nil {
		fmt.Println(err)
		return
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	server := receiver.NewServer(doors)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	id := keys.Mint(time.Now()).String()
	for _, target := range []string{"/?secure=abc&transaction_id=" + id, "/?secure=abc&transaction_id={clickid}", "/?transaction_id=" + id} {
		response, err := http.Get("http://" + listener.Addr().String() + target)
		if err != nil {
			fmt.Println(err)
			return
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(response.StatusCode, strings.HasPrefix(string(body), "OK "))
	}
	http.DefaultClient.CloseIdleConnections()
	fmt.Println(server.Shutdown(context.Background()), <-served)
	// Output:
	// queued: postback ""
	// 200 true
	// queued: postback "placeholder_transaction_id"
	// 400 false
	// 400 false
	// <nil> <nil>
}
