package token

import (
	"crypto/subtle"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// testMark begins what is signed for the mark of a test. Nothing else that a service
// secret signs begins like this.
const testMark = "integr8 test mark "

const (
	// testMarkParts are the account, the offer, the end in Unix seconds and the signature.
	testMarkParts = 4
	// testMarkBytes is the length of its signature.
	testMarkBytes = 16
	// longestTestMark is above the length of any mark: three numbers of at most 19 digits,
	// 32 hex digits and three points.
	longestTestMark = 100
)

// MarkTest returns the mark of a test of an offer, which is valid until a time. A hit with
// it is in no report, so that whoever has the mark can keep clicks on that offer out of
// the reports for as long as it is valid.
func (k Keys) MarkTest(account, offer int64, until time.Time) string {
	said := strconv.FormatInt(account, 10) + "." + strconv.FormatInt(offer, 10) + "." + strconv.FormatInt(until.Unix(), 10)
	return said + "." + hex.EncodeToString(k.secrets[0].signTest(said))
}

// ReadTestMark returns whose test a mark is of. It returns false for a text that none of
// the service secrets has signed, and for a mark whose time has passed.
func (k Keys) ReadTestMark(text string, now time.Time) (account, offer int64, ok bool) {
	if len(text) > longestTestMark {
		return 0, 0, false
	}
	parts := strings.Split(text, ".")
	if len(parts) != testMarkParts {
		return 0, 0, false
	}
	signature := parts[testMarkParts-1]
	if !k.verifiesTest(text[:len(text)-len(signature)-1], signature) {
		return 0, 0, false
	}
	var said [testMarkParts - 1]int64
	for i := range said {
		number, err := strconv.ParseInt(parts[i], 10, 64)
		if err != nil {
			return 0, 0, false
		}
		said[i] = number
	}
	if now.Unix() >= said[2] {
		return 0, 0, false
	}
	return said[0], said[1], true
}

func (k Keys) verifiesTest(said, signature string) bool {
	given, err := hex.DecodeString(signature)
	if err != nil {
		return false
	}
	for _, secret := range k.secrets {
		if subtle.ConstantTimeCompare(secret.signTest(said), given) == 1 {
			return true
		}
	}
	return false
}

func (s serviceSecret) signTest(said string) []byte {
	return s.sign([]byte(testMark + said))[:testMarkBytes]
}
