package main

import (
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"regexp"
	"strings"
	"time"
)

//go:embed shop.html
var shopPage string

// shop plays the advertiser: a page to which a tracking link leads, and a purchase that
// it reports in the way that the visitor chooses.
type shop struct {
	tracker *tracker
	page    *template.Template
	mux     *http.ServeMux
}

func newShop(t *tracker) *shop {
	s := &shop{tracker: t, page: template.Must(template.New("shop").Parse(shopPage)), mux: http.NewServeMux()}
	s.mux.HandleFunc("GET /{$}", s.visit)
	s.mux.HandleFunc("GET /shop", s.visit)
	s.mux.HandleFunc("POST /buy", s.buy)
	s.mux.HandleFunc("GET /story", s.story)
	return s
}

// ServeHTTP serves the shop.
func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// view is the content of the page.
type view struct {
	Nonce        string
	ClickID      string
	TrackingLink string
	Way          way
	OrderID      string
	Sale         *sale
}

// sale is a purchase that was reported.
type sale struct {
	// Shown is the requested URL, without the token.
	Shown   string
	Status  int
	Answer  string
	Receipt string
	// Pixel is the image that the page itself must show.
	Pixel string
	// Failure says why the report failed.
	Failure string
}

// clickID is the form of a transaction_id. A value of another form is shown and sent
// on, because real shops make that mistake, but it is not looked up.
var clickID = regexp.MustCompile(`^[0-9a-f]{32}$`)

// maxInput bounds what a visitor may type.
const maxInput = 200

func (s *shop) visit(w http.ResponseWriter, r *http.Request) {
	s.show(w, view{ClickID: clip(r.URL.Query().Get("clickid")), Way: byGlobal})
}

func (s *shop) buy(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return
	}
	bought := view{ClickID: clip(r.PostForm.Get("clickid")), OrderID: clip(r.PostForm.Get("order_id")), Way: way(r.PostForm.Get("way"))}
	switch bought.Way {
	case byPixel:
		address := s.tracker.pixel(bought.ClickID, bought.OrderID)
		bought.Sale = &sale{Shown: s.tracker.hideTokens(address), Pixel: address}
	case byGlobal, byOffer:
		bought.Sale = s.report(r.Context(), s.tracker.postback(bought.Way, bought.ClickID, bought.OrderID))
	default:
		http.Error(w, "choose how the sale is reported", http.StatusBadRequest)
		return
	}
	s.show(w, bought)
}

// report sends a postback from the shop's server, as an advertiser does.
func (s *shop) report(ctx context.Context, address string) *sale {
	made := &sale{Shown: s.tracker.hideTokens(address)}
	answered, err := get(ctx, address)
	if err != nil {
		made.Failure = s.tracker.hideTokens(err.Error())
		return made
	}
	made.Status, made.Answer = answered.status, strings.TrimSpace(answered.body)
	made.Receipt = answered.header.Get("X-Receipt")
	return made
}

// story serves to the page what integr8 has recorded about a click.
func (s *shop) story(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("clickid")
	if !clickID.MatchString(id) {
		http.Error(w, "clickid is not a transaction_id", http.StatusBadRequest)
		return
	}
	told, err := s.tracker.trace(r.Context(), id)
	if err != nil {
		http.Error(w, "integr8 does not answer", http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(told) // fails only when the visitor is no longer connected
}

func (s *shop) show(w http.ResponseWriter, v view) {
	v.Nonce = rand.Text()
	v.TrackingLink = s.tracker.trackingLink()
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Content-Security-Policy", fmt.Sprintf("default-src 'none'; img-src %s; style-src 'nonce-%s'; "+
		"script-src 'nonce-%s'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		s.tracker.pixelBase(), v.Nonce, v.Nonce))
	_ = s.page.Execute(w, v) // fails only when the visitor is no longer connected
}

// clip bounds the length of a visitor's input.
func clip(text string) string {
	return strings.ToValidUTF8(text[:min(len(text), maxInput)], "")
}

// shopServer is the shop with its HTTP server.
type shopServer struct {
	http *http.Server
	// failed holds the error with which serving ended by itself.
	failed chan error
}

// serveShop serves on a listener until stop.
func serveShop(listener net.Listener, shop http.Handler) *shopServer {
	s := &shopServer{
		http:   &http.Server{Handler: shop, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute},
		failed: make(chan error, 1),
	}
	go func() {
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- fmt.Errorf("serve the shop: %w", err)
			return
		}
		s.failed <- nil
	}()
	return s
}

// shopGrace is how long a page that is being served may take.
const shopGrace = 5 * time.Second

func (s *shopServer) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), shopGrace)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("stop the shop: %w", err), s.http.Close())
	}
	return nil
}
