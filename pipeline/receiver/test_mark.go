package receiver

import (
	"time"

	"integr8/pipeline/hit"
	"integr8/pipeline/token"
)

// noTestNote is the note on a request whose mark of a test does not hold.
const noTestNote = hit.TestMark + ": the mark does not hold here, so that this is no test"

// testMark is the mark of a test that a request carried.
type testMark struct {
	sent           bool
	account, offer int64 // 0 where it does not verify
}

// takeTestMark takes the mark out of the parameters: it stays valid for minutes, and so
// must not be recorded. Nearly all requests have none, which costs them a look-up.
func (in *request) takeTestMark(keys token.Keys, now time.Time) testMark {
	text, sent := in.values[hit.TestMark]
	if !sent {
		return testMark{}
	}
	delete(in.values, hit.TestMark)
	mark := testMark{sent: true}
	mark.account, mark.offer, _ = keys.ReadTestMark(text, now)
	return mark
}

// accountOf returns the account whose test a hit is; 0 for none. A click is one only on the
// offer of the mark. Of which account any other hit is, only its token says: the handler
// compares the two.
func (m testMark) accountOf(h *hit.Hit) int64 {
	if h.Kind == hit.Click && (m.account != h.AccountID || m.offer != h.OfferID) {
		return 0
	}
	return m.account
}

// mark marks the hit as a test where the request carried a mark that holds.
func (in *request) mark(h *hit.Hit) {
	if !in.test.sent {
		return
	}
	if h.TestAccount = in.test.accountOf(h); h.TestAccount == 0 {
		h.Note(noTestNote)
	}
}

// isMarked reports whether a request that is only looked at carries a mark that verifies.
func (rc *Receiver) isMarked(v *visit, kind hit.Kind) bool {
	return rc.readRequest(v, kind).test.account != 0
}
