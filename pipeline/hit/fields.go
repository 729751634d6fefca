package hit

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/text/currency"
)

// What the parsers below answer for text that they do not take. None of them
// repeats the text: it may hold anything.
var (
	ErrInvalidAmount   = errors.New("an amount is a plain decimal number, not negative, below one trillion")
	ErrUnknownCurrency = errors.New("a currency is an ISO 4217 code such as USD")
	ErrInvalidTime     = errors.New("a time is Unix seconds or finer, or RFC 3339, from 2000 to 2100")
	ErrInvalidIP       = errors.New("an IP address is IPv4 or IPv6")
	ErrInvalidEmail    = errors.New("an e-mail address has one @ with text on both sides; a hash is 32, 40 or 64 hex digits")
	ErrInvalidNumber   = errors.New("a number is digits only, from 1 up")
)

const (
	// AmountPlaces is how many decimal places of an amount are kept, as
	// numeric(18,6) stores them.
	AmountPlaces = 6
	// maxAmountLength is generous: a float64 printed in full has some 20
	// digits after the point.
	maxAmountLength = 64
	// maxNumberLength is generous as well: an int64 has 19 digits.
	maxNumberLength = 64
	// maxEmailLength is what RFC 5321 allows: 64 + @ + 255.
	maxEmailLength = 320
)

// amountLimit is the first amount that numeric(18,6) cannot hold.
var amountLimit = decimal.New(1, 12)

// Amount reads revenue or payout: digits with an optional fraction after a
// point. A leading + is tolerated, an exponent or thousands separator is not.
// The result is rounded to AmountPlaces, half away from zero, and lies in
// [0, 10^12). White space around it is ignored here as in all these parsers.
func Amount(text string) (decimal.Decimal, error) {
	text = strings.TrimPrefix(strings.TrimSpace(text), "+")
	if len(text) > maxAmountLength {
		return decimal.Decimal{}, ErrInvalidAmount
	}
	whole, fraction, pointed := strings.Cut(text, ".")
	if !isDigits(whole+fraction) || (pointed && fraction == "") {
		return decimal.Decimal{}, ErrInvalidAmount
	}
	amount, err := decimal.NewFromString(text)
	if err != nil {
		return decimal.Decimal{}, ErrInvalidAmount
	}
	amount = amount.Round(AmountPlaces)
	if !amount.LessThan(amountLimit) {
		return decimal.Decimal{}, ErrInvalidAmount
	}
	return amount, nil
}

// Currency reads an ISO 4217 code in any letter case and answers it in upper
// case. The codes for "no currency" and "testing" are refused.
func Currency(text string) (string, error) {
	unit, err := currency.ParseISO(strings.TrimSpace(text))
	if err != nil {
		return "", ErrUnknownCurrency
	}
	code := unit.String()
	if code == "XXX" || code == "XTS" {
		return "", ErrUnknownCurrency
	}
	return code, nil
}

// The plausible range of a session_time. Read as seconds and as milliseconds
// the two ranges of numbers do not touch, so the unit is never in doubt.
var (
	earliestSession = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	latestSession   = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
)

// sessionLayouts are the forms of a session_time that is no number; without a
// zone it is UTC.
var sessionLayouts = [...]string{
	time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04",
	time.DateTime, "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 Z0700", "2006-01-02 15:04:05 Z07:00", "2006-01-02 15:04:05 MST",
	"2006-01-02 15:04", time.DateOnly, time.RFC1123, time.RFC1123Z,
}

// SessionTime reads Unix seconds, also with a fraction, milliseconds,
// microseconds or nanoseconds, RFC 3339 and its near relatives (a space for the
// T, no zone, no time), and the date of an HTTP header, from the year 2000 up to
// 2100. It returns UTC. An offset whose + arrived as a space, because the sender
// did not percent-encode it, is understood.
func SessionTime(text string) (time.Time, error) {
	text = strings.TrimSpace(text)
	if len(text) > maxTimeLength {
		return time.Time{}, ErrInvalidTime
	}
	at, err := unixTime(text)
	if err != nil {
		at, err = writtenTime(text)
	}
	if err != nil || at.Before(earliestSession) || !at.Before(latestSession) {
		return time.Time{}, ErrInvalidTime
	}
	return at.UTC(), nil
}

// maxTimeLength is that of the longest form.
const maxTimeLength = len("2006-01-02 15:04:05.999999999 +00:00")

// unixTime reads a number; its size tells its unit, see earliestSession.
func unixTime(text string) (time.Time, error) {
	whole, fraction, _ := strings.Cut(text, ".")
	if !isDigits(whole) || fraction != "" && !isDigits(fraction) {
		return time.Time{}, ErrInvalidTime
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return time.Time{}, ErrInvalidTime
	}
	switch {
	case n >= earliestSession.UnixNano():
		return time.Unix(0, n), nil
	case n >= earliestSession.UnixMicro():
		return time.UnixMicro(n), nil
	case n >= earliestSession.UnixMilli():
		return time.UnixMilli(n), nil
	}
	nanos, err := strconv.ParseInt((fraction + "000000000")[:9], 10, 64)
	return time.Unix(n, nanos), err
}

func writtenTime(text string) (time.Time, error) {
	text = strings.ToUpper(text)
	if n := len(text) - len("+00:00"); n > len(time.DateOnly) && text[n] == ' ' && text[n+3] == ':' && text[n-3] == ':' {
		text = text[:n] + "+" + text[n+1:]
	}
	for _, layout := range sessionLayouts {
		if strings.Contains(layout, "MST") && !strings.HasSuffix(text, "GMT") && !strings.HasSuffix(text, "UTC") {
			continue // another zone's name says nothing of its offset
		}
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, ErrInvalidTime
}

// ConversionIP reads an IPv4 or IPv6 address. A port, brackets and a zone are
// left out, and of a list, such as proxies make, the first address counts. An
// IPv4 address written as IPv6 is returned as IPv4.
func ConversionIP(text string) (netip.Addr, error) {
	text = strings.TrimSpace(text)
	if end := strings.IndexAny(text, ",; "); end > 0 {
		text = text[:end]
	}
	if len(text) > maxAddressLength {
		return netip.Addr{}, ErrInvalidIP
	}
	bare := text
	if strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") {
		bare = text[1 : len(text)-1]
	}
	addr, err := netip.ParseAddr(bare)
	if err != nil {
		var both netip.AddrPort
		both, err = netip.ParseAddrPort(text)
		addr = both.Addr()
	}
	if err != nil {
		return netip.Addr{}, ErrInvalidIP
	}
	return addr.WithZone("").Unmap(), nil
}

// maxAddressLength is that of an IPv6 address in brackets with zone and port.
const maxAddressLength = 80

// EmailHash returns the form in which an e-mail address is kept: the SHA-256,
// in hex, of the trimmed lower-cased address. Text that is a hash already
// (SHA-256, SHA-1 or MD5 in hex) is answered in lower case.
//
// What stands around an address or was encoded once more is undone first, see
// plainAddress: whoever hashes the address itself has the same hash.
func EmailHash(text string) (string, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	switch len(text) {
	case 2 * sha256.Size, 40, 32:
		if isHex(text) {
			return text, nil
		}
	}
	address := plainAddress(text)
	at := strings.LastIndexByte(address, '@')
	if at <= 0 || at == len(address)-1 || len(address) > maxEmailLength || strings.ContainsAny(address[at:], " \t\r\n") {
		return "", ErrInvalidEmail
	}
	if local := address[:at]; strings.Contains(local, "@") && !(len(local) > 2 && local[0] == '"' && local[len(local)-1] == '"') {
		return "", ErrInvalidEmail
	}
	return sha256Hex(address), nil
}

// plainAddress returns the address in a lower-case text: without escapes of any
// depth and with full-width characters as ASCII, as a view has it; without
// mailto: and without a name around <joe@example.com>; and with a plus where a
// blank stands in the local part. A blank cannot be there, unless in quotes, but
// a plus often is, and a form that was not encoded makes it a blank.
func plainAddress(text string) string {
	address := strings.TrimSpace(decodeView(text).text)
	if open := strings.LastIndexByte(address, '<'); open >= 0 && strings.HasSuffix(address, ">") {
		address = strings.TrimSpace(address[open+1 : len(address)-1])
	}
	if rest, found := strings.CutPrefix(address, "mailto:"); found {
		address, _, _ = strings.Cut(strings.TrimSpace(rest), "?")
	}
	at := strings.LastIndexByte(address, '@')
	if at < 0 || strings.HasPrefix(address, `"`) {
		return strings.ToLower(address)
	}
	local, domain := strings.TrimSpace(address[:at]), strings.TrimSpace(address[at+1:])
	return strings.ToLower(strings.ReplaceAll(local, " ", "+") + "@" + domain)
}

func sha256Hex(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Number reads the id of an offer or a publisher: digits only, from 1 up.
func Number(text string) (int64, error) {
	text = strings.TrimSpace(text)
	if len(text) > maxNumberLength || !isDigits(text) {
		return 0, ErrInvalidNumber
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n == 0 {
		return 0, ErrInvalidNumber
	}
	return n, nil
}

func isDigits(text string) bool {
	for i := range len(text) {
		if !isDigit(text[i]) {
			return false
		}
	}
	return text != ""
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

func isHex(text string) bool {
	for i := range len(text) {
		if !isHexDigit(text[i]) {
			return false
		}
	}
	return text != ""
}

func isHexDigit(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= b && b <= 'f' || 'A' <= b && b <= 'F'
}
