package api

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/operate/receipt"
	"integr8/pipeline/failure"
)

// ReceiptPath is where receipts are served: ReceiptPath/ID. Doors sign links to it.
const ReceiptPath = "/receipt"

// ReceiptOptions are what receipts are served with.
type ReceiptOptions struct {
	receipt.Receipts
	// WrongTokens is how many wrong tokens and links a minute a client address may send, and
	// at once, before it is refused; 0 sets no bound.
	WrongTokens int
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// Timeout bounds the time of a request beside what it waits for.
	Timeout time.Duration
	Logger  *slog.Logger
}

const (
	// mostWait bounds what a sender may have a request wait.
	mostWait = 20 * time.Second
	// mostWaiting is how many requests wait at a time. One more is answered at once, which
	// a preference allows.
	mostWaiting = 16
)

// receipts serves what became of a hit, to its sender. Senders have no keys of the API:
// they show the token of the hit, or the signature of the link that a door answered with.
type receipts struct {
	api
	ReceiptOptions
	waiting chan struct{}
}

// NewReceipts returns the handler of ReceiptPath.
func NewReceipts(options ReceiptOptions) http.Handler {
	r := &receipts{
		api: api{
			Options: Options{Timeout: options.Timeout + mostWait, Logger: options.Logger, TrustedProxies: options.TrustedProxies},
			wrong:   newWrongKeys(options.WrongTokens),
		},
		ReceiptOptions: options, waiting: make(chan struct{}, mostWaiting),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+ReceiptPath+"/{id}", r.serve)
	return r.bounded(mux)
}

func (r *receipts) serve(w http.ResponseWriter, request *http.Request) {
	id, err := uuid.Parse(request.PathValue("id"))
	if err != nil {
		answer(w, problem(notFound, "that is no receipt", "a receipt is a UUID, as in the answer OK RECEIPT"))
		return
	}
	proof := receipt.Proof{Signature: request.URL.Query().Get("sig")}
	if scheme, text, _ := strings.Cut(request.Header.Get("Authorization"), " "); strings.EqualFold(scheme, "Bearer") {
		proof.Token = strings.TrimSpace(text)
	}
	guess := r.guessOf(request, id, proof)
	if p := r.refuseGuess(guess); p != nil {
		answer(w, p)
		return
	}
	wait := preferredWait(request.Header)
	if wait > 0 {
		select {
		case r.waiting <- struct{}{}:
			defer func() { <-r.waiting }()
			w.Header().Set("Preference-Applied", "wait="+strconv.Itoa(int(wait.Seconds())))
		default:
			wait = 0
		}
	}
	found, err := r.Await(request.Context(), id, proof, wait)
	if errors.Is(err, receipt.ErrUnknown) {
		r.countGuess(guess)
		answer(w, problem(notFound, receipt.ErrUnknown.Error(), failure.Hint(err)))
		return
	}
	if err != nil {
		answer(w, r.problemOf(request.Context(), "receipt", err))
		return
	}
	if guess.text != "" {
		r.wrong.opened(guess.text)
	}
	if !found.Final {
		w.Header().Set("Retry-After", "1")
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(found) // the sender may be gone
}

// preferredWait returns how long a request may wait, by the header Prefer (RFC 7240).
func preferredWait(header http.Header) time.Duration {
	for _, value := range header.Values("Prefer") {
		for preference := range strings.SplitSeq(value, ",") {
			name, number, _ := strings.Cut(strings.TrimSpace(preference), "=")
			if !strings.EqualFold(name, "wait") {
				continue
			}
			seconds, err := strconv.Atoi(strings.Trim(number, `"`))
			if err == nil && seconds > 0 {
				return min(time.Duration(min(seconds, 3600))*time.Second, mostWait)
			}
		}
	}
	return 0
}
