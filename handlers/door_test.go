package handlers_test

import (
	"context"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"integr8/handlers"
	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/pipeline/receiver"
	"integr8/pipeline/receiver/edge"
)

// pixelHost is a tracking domain of the network's account.
const pixelHost = "pixel.north.example"

// openDoors returns a receiver over the network's reference data, whose hits go
// to the network's queue, and the names and ids that requests may use.
func openDoors(n *network) (*receiver.Receiver, edge.World) {
	ctx := context.Background()
	_, err := n.store.CreateDomain(ctx, n.ID, pixelHost)
	require.NoError(n.t, err)
	many := n.NewOffer(func(o *attribution.Offer) { o.Identity.ManyPerClick = true })
	percent := n.NewOffer(func(o *attribution.Offer) { o.Revenue.Percent, o.Payout.Percent = true, true })
	world := edge.World{
		Tokens:     []string{n.Global, n.Global, n.OfferToken, n.NewToken(many), n.NewToken(percent), "nobody's"},
		Offers:     []string{itoa(n.Offer), itoa(many), itoa(percent)},
		Publishers: []string{itoa(n.Publisher)},
	}
	for _, offer := range []int64{n.Offer, many, percent, many, percent} {
		click := n.newClick()
		click.OfferID = offer
		n.handle(click)
		world.TransactionIDs = append(world.TransactionIDs, click.TransactionID.String())
	}
	world.TransactionIDs = append(world.TransactionIDs, n.keys.Mint(n.clock).String()) // its click is not recorded yet
	n.refresh()
	doors, err := receiver.New(receiver.Options{Queue: &n.queue, Directory: handlers.NewDoors(n.snapshots), Keys: n.keys})
	require.NoError(n.t, err)
	return doors, world
}

// noLog is a logger of fasthttp that drops every line.
type noLog struct{}

func (noLog) Printf(string, ...any) {}

// sendTo sends a request to the doors.
func sendTo(doors *receiver.Receiver, r edge.Request) int {
	var request fasthttp.Request
	request.Header.SetMethod(r.Method)
	request.Header.SetRequestURI(r.Target)
	request.Header.SetHost(pixelHost)
	request.Header.SetUserAgent(r.UserAgent)
	request.Header.SetReferer(r.Referer)
	request.Header.SetContentType(r.ContentType)
	request.SetBodyString(r.Body)
	ctx := &fasthttp.RequestCtx{}
	ctx.Init(&request, &net.TCPAddr{IP: net.IPv4(198, 51, 100, 7), Port: 1234}, noLog{})
	doors.Serve(ctx)
	return ctx.Response.StatusCode()
}

// transmit encodes and decodes a hit, as between its door and its handler.
func transmit(t *testing.T, h *hit.Hit) (*hit.Hit, []byte) {
	t.Helper()
	request, err := h.Encode()
	require.NoError(t, err)
	arrived, err := hit.Decode(request)
	require.NoError(t, err)
	return arrived, request
}

func TestEveryHitThatADoorAcceptsCanBeStored(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	w := n.watch()
	doors, world := openDoors(n)
	w.failed = 0
	random := rand.New(rand.NewPCG(14, 1))
	statuses := map[int]int{}
	const requests = 4000
	for range requests {
		statuses[sendTo(doors, edge.Next(random, world))]++
	}
	require.NotZero(t, statuses[200], statuses)
	require.NotZero(t, statuses[302], statuses)
	require.NotZero(t, statuses[400], statuses)
	require.Zero(t, statuses[500], statuses)

	var handling sync.WaitGroup
	places := make(chan struct{}, 256)
	for _, h := range n.queue.hits {
		places <- struct{}{}
		handling.Go(func() {
			defer func() { <-places }()
			arrived, request := transmit(t, h)
			handle := n.postbacks.Handle
			if arrived.Kind == hit.Click {
				handle = n.clicks.Handle
			}
			if err := handle(context.Background(), arrived, request); err != nil {
				t.Errorf("%s: %v", request, err)
			}
		})
	}
	handling.Wait()
	require.Zero(t, w.failed, "commits that failed")
	require.Greater(t, len(n.queue.hits), requests/3)
	require.Equal(t, len(n.queue.hits)+len(world.TransactionIDs)-1, n.count("hits"))
	for _, outcome := range []string{"recorded", "converted", "duplicate", "waiting", "rejected"} {
		require.NotZero(t, n.count("hits WHERE outcome = $1", outcome), outcome)
	}
}

func FuzzEveryHitThatADoorAcceptsCanBeStored(f *testing.F) {
	f.Add(uint8(0), "secure=T&transaction_id=I&order_id=%F0%9F%9A%80", "", "", "agent")
	f.Add(uint8(2), "secure=T&offer=2147483648&publisher=9223372036854775807", "", "", "")
	f.Add(uint8(2), "", "application/json", `{"secure":"T","offer":1,"publisher":"1","revenue":0.0000005,"session_time":4102444799999}`, "")
	f.Add(uint8(2), "", "application/x-www-form-urlencoded", "secure=T&offer=1&publisher=1&conversion_ip=::ffff:1.2.3.4&user_agent=%5Cu0000", "")
	f.Add(uint8(3), "secure=T&transaction_id=I&currency=usd&payout=999999999999.999999", "", "", "")
	f.Add(uint8(4), "offer=1&publisher=2147483648&sub_id=%ED%A0%80", "", "", "\\u0000")
	n := newNetwork(f)
	doors, world := openDoors(n)
	f.Fuzz(func(t *testing.T, door uint8, query, contentType, body, header string) {
		named := strings.NewReplacer("T", world.Tokens[0], "I", world.TransactionIDs[0])
		r := edge.Request{Method: "GET", ContentType: contentType, Body: named.Replace(body), UserAgent: header, Referer: header,
			Target: edge.Doors[int(door)%len(edge.Doors)] + "?" + named.Replace(query)}
		if body != "" {
			r.Method = "POST"
		}
		if status := sendTo(doors, r); status == 500 {
			t.Fatal("the door panicked")
		}
		for _, h := range n.queue.taken() {
			arrived, request := transmit(t, h)
			handle := n.postbacks.Handle
			if arrived.Kind == hit.Click {
				handle = n.clicks.Handle
			}
			require.NoError(t, handle(context.Background(), arrived, request), "%s", request)
		}
	})
}
