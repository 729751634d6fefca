package api

import (
	"net/http"
	"net/netip"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/operate/receipt"
)

// guess is what a sender shows for a receipt and may have guessed: a token, or the
// signature of a link. The text is empty where nothing is shown, and of a link that is
// signed: both are known without a look-up.
type guess struct {
	sender netip.Addr
	text   string
}

func (r *receipts) guessOf(request *http.Request, id uuid.UUID, proof receipt.Proof) guess {
	switch {
	case r.Signed(id, proof):
		return guess{}
	case proof.Token != "":
		return guess{r.senderOf(request), proof.Token}
	default:
		return guess{r.senderOf(request), proof.Signature}
	}
}

// refuseGuess returns why a guess is not looked at; nil when it is. The bound is that of
// wrong keys: a token that has opened a receipt goes on, whoever stands behind its address.
func (r *receipts) refuseGuess(g guess) *Problem {
	if g.text == "" {
		return nil
	}
	wait := r.wrong.wait(g.sender, g.text, time.Now())
	if wait == 0 {
		return nil
	}
	p := problem(tooManyRequests, "too many wrong tokens or links came from the address of the client",
		"wait as long as Retry-After says, and mend the token; INTEGR8_WEB_WRONG_KEYS sets how many are too many")
	p.retryAfter = wait
	return p
}

// countGuess counts a guess that opened nothing. One that has opened another receipt is no
// guess: its sender asks for a hit that is not recorded yet.
func (r *receipts) countGuess(g guess) {
	if g.text != "" && !r.wrong.hasOpened(g.text) {
		r.wrong.add(g.sender, g.text, time.Now())
	}
}
