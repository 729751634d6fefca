// Package edge makes requests at the edges of what the doors take: the largest
// numbers, the longest texts, every sort of character, dates and addresses of
// every form, in URLs and in bodies, right and wrong mixed. Whatever of it a door
// accepts must be decided and stored like any other hit; tests and drills send it
// to find out.
package edge

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"integr8/pipeline/hit"
)

// Request is one request.
type Request struct {
	Method string
	// Target is the path with the query.
	Target      string
	ContentType string
	Body        string
	UserAgent   string
	Referer     string
}

// World is what the requests name beside things that do not exist. Every field
// needs at least one element.
type World struct {
	Tokens         []string
	TransactionIDs []string
	Offers         []string
	Publishers     []string
}

// Doors are the paths that take hits. The one that names the most comes twice.
var Doors = []string{"/", "/postback", "/clickless", "/clickless", "/pixel", "/click"}

// numbers are ids that may be an offer's or a publisher's, and some that may not.
var numbers = []string{
	"1", "2147483647", "2147483648", "4294967295", "4294967296", "4294967297", "9007199254740993",
	"9223372036854775806", "9223372036854775807", "0000000000000000000000000000000001", "+1",
	"9223372036854775808", "0", "-1", "-2147483649", "1.0", "1e3", "0x1", "\uff11", "",
}

var amounts = []string{
	"0", "0.000000", "1", "0.0000001", "0.0000005", "999999999999.999999", "999999999999.9999994", "999999999999",
	"00000000000000000000000000000000000000000000000000000000001.5", "+2.5", "3.14159265358979323846264338327950288",
	"999999999999.9999999", "1000000000000", "-0", "-1", "1e5", "NaN", "Infinity", "1,5", "1_000", ".5", "5.", "",
}

var times = []string{
	"1772366400", "1772366400000", "946684800", "4102444799", "4102444799999", "2026-03-01T12:00:00Z",
	"2099-12-31T23:59:59.999999999-12:00", "2026-02-28t12:00:00.123456789 01:00", "2000-01-01T00:00:00Z",
	"4102444800", "0", "-1", "9223372036854775807", "2026-02-30T12:00:00Z", "0000-01-01T00:00:00Z",
	"2026-03-01T12:00:60Z", "now", "infinity", "",
}

var addresses = []string{
	"203.0.113.9", "::", "::1", "2001:db8::ffff", "::ffff:203.0.113.9", "2001:0db8:0000:0000:0000:0000:0000:0001",
	"fe80::1%eth0", "fe80::1%\u00e9", "203.0.113.9/24", "256.1.1.1", "1.2.3", "0x7f.1", "[::1]", "127.1", "",
}

var currencies = []string{"USD", "usd", "EUR", "XAU", "JPY", "KWD", "XXX", "XTS", "US", "U\u017fD", "\uff35SD", ""}

var mails = []string{
	"A.Person@shop.example", "\u00e9\u00e8@\u4f8b.example", strings.Repeat("a", 300) + "@b.example",
	"973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b", "5d41402abc4b2a76b9719d911017c592", "@", "a@b@c", "",
}

// texts are what a label may hold.
var texts = []string{
	"x", " padded ", "\u00e9\u4f8b\U0001f680", strings.Repeat("a", 4096), strings.Repeat("\U0001f680", 300),
	strings.Repeat("\u0001\u001f\u007f\"\\", 60), "\u2028\u2029\ufeff\ufffd\ufffe\uffff", "\\u0000", `\x00\000`, `"}]','); DROP TABLE hits; --`,
	"{transaction_id}", "%7Bclickid%7D", "NULL", "null", "\t\r\n", "\u202e\u0301\u0301\u0301", "'{1,2}'::int[]", "$1::bigint", ":name",
	strings.Repeat("\n", 500), "1e400", "true",
	"\x00", "a\x00b", "\xff\xfe", "\xed\xa0\x80", "\xc0\x80", strings.Repeat("z", 20_000), "",
}

// labels are the parameters that take any text.
var labels = []string{
	hit.ParamSubID, hit.ParamSubID2, hit.ParamSubID3, hit.ParamSubID4, hit.ParamSubID5, hit.ParamSubID6,
	hit.ParamExternalTransactionID, hit.ParamDeviceID, hit.ParamUserAgent, hit.ParamOrderID,
	hit.ParamAdvSubID, hit.ParamAdvSubID2, hit.ParamAdvSubID3, hit.ParamAdvSubID4, "foreign", "\u00e9", "a b",
}

// pick is one of the values that exist, most of the time, or one of the edges.
func pick(random *rand.Rand, known, edges []string) string {
	if random.IntN(4) > 0 {
		return one(random, known)
	}
	return one(random, edges)
}

// number is an id that exists, one of 32 to 63 bits that does not, or an edge.
func number(random *rand.Rand, known []string) string {
	switch random.IntN(4) {
	case 0:
		return one(random, numbers)
	case 1:
		return strconv.FormatUint(1<<31|random.Uint64()>>(1+random.IntN(32)), 10)
	default:
		return one(random, known)
	}
}

func one(random *rand.Rand, values []string) string { return values[random.IntN(len(values))] }

// Next makes a request. The same source of randomness makes the same requests.
func Next(random *rand.Rand, world World) Request {
	door := one(random, Doors)
	params := map[string]string{}
	if door != "/click" {
		params[hit.ParamSecure] = pick(random, world.Tokens, texts)
	}
	if door == "/clickless" || door == "/click" {
		params[hit.ParamOffer] = number(random, world.Offers)
		params[hit.ParamPublisher] = number(random, world.Publishers)
	} else {
		params[hit.ParamTransactionID] = pick(random, world.TransactionIDs, texts)
	}
	// Few edges at once: what one of them spoils never shows what the next does.
	for range random.IntN(4) {
		name := one(random, []string{
			hit.ParamRevenue, hit.ParamPayout, hit.ParamCurrency, hit.ParamSessionTime, hit.ParamConversionIP,
			hit.ParamUserEmail, "", "", "", "",
		})
		switch name {
		case hit.ParamRevenue, hit.ParamPayout:
			params[name] = one(random, amounts)
		case hit.ParamCurrency:
			params[name] = one(random, currencies)
		case hit.ParamSessionTime:
			params[name] = one(random, times)
		case hit.ParamConversionIP:
			params[name] = one(random, addresses)
		case hit.ParamUserEmail:
			params[name] = one(random, mails)
		default:
			params[one(random, labels)] = one(random, texts)
		}
	}
	r := Request{Method: "GET", UserAgent: headerText(one(random, texts)), Referer: headerText(one(random, texts))}
	if door == "/click" || door == "/pixel" || random.IntN(3) > 0 {
		r.Target = door + "?" + encoded(params)
		return r
	}
	r.Method, r.Target = "POST", door
	if random.IntN(2) == 0 {
		r.ContentType, r.Body = "application/x-www-form-urlencoded", encoded(params)
		return r
	}
	r.ContentType, r.Body = "application/json", object(random, params)
	return r
}

func encoded(params map[string]string) string {
	values := url.Values{}
	for name, value := range params {
		values.Set(name, value)
	}
	return values.Encode()
}

// object is the parameters as JSON, numbers as numbers now and then.
func object(random *rand.Rand, params map[string]string) string {
	values := make(map[string]any, len(params))
	for _, name := range slices.Sorted(maps.Keys(params)) {
		value := params[name]
		values[name] = value
		if json.Valid([]byte(value)) && random.IntN(2) == 0 {
			values[name] = json.RawMessage(value)
		}
	}
	text, err := json.Marshal(values)
	if err != nil {
		panic(fmt.Sprintf("texts and numbers make JSON: %v", err))
	}
	return string(text)
}

// headerText is what of a text a header may hold.
func headerText(text string) string {
	if len(text) > 4096 {
		text = text[:4096]
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, text)
}
