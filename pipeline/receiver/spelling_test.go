package receiver

import (
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"

	"integr8/pipeline/hit"
	"integr8/pipeline/redact"
)

// secretText is a secret and its spelling in a request.
type secretText struct {
	// text is what must never leave the door, nor parts of it that are secret too.
	text  string
	parts []string
	// assigned is set for a token that nobody knows and that shows only because
	// it is assigned to the name secure.
	assigned bool
}

const letters = "abcdefghijklmnopqrstuvwxyz0123456789"

func randomWord(random *rand.Rand, n int) string {
	word := make([]byte, n)
	for i := range word {
		word[i] = letters[random.IntN(len(letters))]
	}
	return string(word)
}

func randomSecret(random *rand.Rand, generated string) secretText {
	word := func(n int) string { return "q" + randomWord(random, n) }
	switch random.IntN(4) {
	case 0:
		return secretText{text: generated}
	case 1:
		return secretText{text: importedToken}
	case 2:
		return secretText{text: word(12), assigned: true}
	}
	local, tag := word(6)+"."+word(3), word(5)
	if random.IntN(2) == 0 {
		local += "+" + tag
	}
	domain := []string{word(5) + ".example", "localhost", "203.0.113.77", "b\u00fccher.example", "[192.0.2.9]"}[random.IntN(5)]
	return secretText{text: local + "@" + domain, parts: []string{strings.SplitN(local, "+", 2)[0]}}
}

// The spellings of a text.
var spellings = []func(*rand.Rand, string) string{
	func(_ *rand.Rand, text string) string { return text },
	func(_ *rand.Rand, text string) string { return url.QueryEscape(text) },
	func(_ *rand.Rand, text string) string { return url.PathEscape(text) },
	each(func(r rune) string { return fmt.Sprintf("&#%d;", r) }),
	each(func(r rune) string { return fmt.Sprintf("&#x%X;", r) }),
	each(func(r rune) string { return percent(string(r)) }),
	each(func(r rune) string { return fmt.Sprintf(`\u%04x`, r) }),
	each(func(r rune) string { return string(r) + "\u200b" }),
	each(func(r rune) string {
		if '!' <= r && r <= '~' {
			return string(r - '!' + '\uff01')
		}
		return string(r)
	}),
	func(_ *rand.Rand, text string) string {
		return strings.NewReplacer("@", "&commat;", ".", "&period;", "_", "&lowbar;", "=", "&equals;").Replace(text)
	},
	func(_ *rand.Rand, text string) string { return "\ufeff" + text },
}

// each spells some characters of a text, or all of them.
func each(spell func(rune) string) func(*rand.Rand, string) string {
	return func(random *rand.Rand, text string) string {
		all := random.IntN(2) == 0
		var spelled strings.Builder
		for _, r := range text {
			if all || random.IntN(3) == 0 {
				spelled.WriteString(spell(r))
			} else {
				spelled.WriteRune(r)
			}
		}
		return spelled.String()
	}
}

func percent(text string) string {
	var encoded strings.Builder
	for i := range len(text) {
		fmt.Fprintf(&encoded, "%%%02x", text[i])
	}
	return encoded.String()
}

func spell(random *rand.Rand, text string) string {
	for range random.IntN(3) {
		text = spellings[random.IntN(len(spellings))](random, text)
	}
	return text
}

// raw encodes a text for a query, but keeps a +.
func raw(text string) string {
	return strings.NewReplacer("%2B", "+", "%40", "@").Replace(url.QueryEscape(strings.ReplaceAll(text, " ", "\u00a0")))
}

// request puts a text into a random place of a request.
func randomRequest(random *rand.Rand, token, id, text string) (method, target, body string, header []string) {
	method = "GET"
	target = []string{
		"/?secure=" + token + "&transaction_id=" + id, "/clickless?secure=" + token + "&publisher=2",
		"/click?offer=1&publisher=2", "/pixel?secure=" + token + "&transaction_id=" + id,
	}[random.IntN(4)]
	name := []string{"x", "contact", "sub_id", "order_id", "external_transaction_id", "user_email", "e-mail", "adv_sub_id_2", "user_agent"}[random.IntN(9)]
	encoded := raw
	if random.IntN(2) == 0 {
		encoded = url.QueryEscape
	}
	quoted := func(text string) string {
		data, _ := json.Marshal(text)
		return string(data)
	}
	post := func(kind, text string) { method, body, header = "POST", text, append(header, "Content-Type", kind) }
	part := func(name, value string) {
		post("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\""+name+"\"\r\n\r\n"+value+"\r\n--b--")
	}
	switch random.IntN(13) {
	case 0, 1, 2:
		target += "&" + name + "=" + encoded(text)
	case 3:
		target += "&" + encoded(text) + "=1"
	case 4:
		target += "&" + name + "=" + encoded("see https://x.example/a?e="+url.QueryEscape(text))
	case 5:
		post(formType, name+"="+encoded(text))
	case 6:
		post("application/json", `{"`+name+`":`+quoted(text)+`}`)
	case 7:
		post("application/json", `{`+quoted(text)+`:"1"}`)
	case 8:
		post("application/json", `{"customer":{"list":[`+quoted(text)+`],`+quoted(text)+`:1}}`)
	case 9:
		part(name, text)
	case 10:
		part(strings.NewReplacer(`"`, `\"`, `\`, `\\`).Replace(text), "1")
	case 11:
		header = append(header, "Referer", "https://x.example/?e="+encoded(text))
	default:
		header = append(header, "User-Agent", "agent ("+text+")", "X-Forwarded-Host", text, "X-Forwarded-For", text, "Cookie", "a="+text)
	}
	return method, target, body, header
}

// assign puts a token behind the name secure, in a spelling of that.
func assign(random *rand.Rand, token string) (name, value string) {
	names := []string{
		"&amp;secure", "amp;secure", "x[secure]", "\ufeffsecure", "SECURE", "secure[]", "secure[0]", "a;secure", "?secure", "%73ecure", "\uff53ecure",
		"user.secure", "sec\u200bure", "x[secure][]", " secure",
	}
	return names[random.IntN(len(names))], token
}

var (
	escapedJSON    = regexp.MustCompile(`\\u[0-9a-fA-F]{4}`)
	escapedPercent = regexp.MustCompile(`%[0-9a-fA-F]{2}`)
)

// decodings returns a text in all forms that reading it in some way, as often as
// one likes, makes of it. It shares nothing with the view of package hit.
func decodings(text string) []string {
	forms := []string{text}
	for range 8 {
		before := text
		text = html.UnescapeString(text)
		text = escapedJSON.ReplaceAllStringFunc(text, func(escape string) string {
			n, _ := strconv.ParseUint(escape[2:], 16, 32)
			return string(rune(n))
		})
		text = escapedPercent.ReplaceAllStringFunc(text, func(escape string) string {
			n, _ := strconv.ParseUint(escape[1:], 16, 8)
			return string([]byte{byte(n)})
		})
		text = strings.NewReplacer("\u200b", "", "\ufeff", "", "\u00ad", "").Replace(text)
		if utf8.ValidString(text) {
			text = norm.NFKC.String(text)
		}
		forms = append(forms, text, strings.ReplaceAll(text, " ", "+"), strings.ReplaceAll(text, "+", " "))
		if text == before {
			break
		}
	}
	return forms
}

// A random secret in a random spelling at a random place never leaves the door.
func leavesNoSecret(t *testing.T, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 15))
	queue := &recorder{}
	rc, keys := newForFuzz(t, queue)
	// A token of another generation is sent as such: the request's own is no leak.
	token, id := keys.Token(7, 0, 1), keys.Mint(rc.options.Clock()).String()
	secret := randomSecret(random, keys.Token(7, 0, 2))
	text := spell(random, secret.text)
	if secret.assigned {
		name, value := assign(random, secret.text)
		text = spell(random, name+"="+value)
	}
	method, target, body, header := randomRequest(random, token, id, text)
	if secret.assigned && random.IntN(3) == 0 { // as a parameter of its own
		name, value := assign(random, secret.text)
		method, body, header = "GET", "", nil
		target += "&" + url.QueryEscape(name) + "=" + value
		if strings.HasPrefix(name, "&") {
			target += name + "=" + value
		}
	}
	ctx := asked(method, target, body, append(header, "Host", pixelHost)...)
	rc.Serve(ctx)

	shown := string(ctx.Response.Body())
	ctx.Response.Header.Del("Location") // it may carry what is not ours to hide: see destination
	shown += ctx.Response.Header.String()
	for _, h := range queue.taken() {
		data, err := h.Encode()
		require.NoError(t, err)
		shown += string(data)
		var fields any
		require.NoError(t, json.Unmarshal(data, &fields))
		shown += fmt.Sprint(fields)
	}
	for _, form := range decodings(shown) {
		for _, part := range append(secret.parts, secret.text) {
			require.NotContains(t, strings.ToLower(form), strings.ToLower(part), "seed %d: %s %s\n%v\n%s", seed, method, target, header, body)
		}
	}
}

func TestARandomSecretInARandomSpellingNeverLeavesTheDoor(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6000) { // the same each time: FuzzSpelling looks for others
		leavesNoSecret(t, seed)
	}
	leavesNoSecret(t, 6354191732386677308) // full-width letters among escapes of JSON within JSON
}

func FuzzSpelling(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(leavesNoSecret)
}

// Inputs that were in the clear once.
func TestSecretsStopAtTheDoorInEverySpelling(t *testing.T) {
	t.Parallel()
	const unknown = "zk81-not-imported"
	for _, test := range []struct{ query, secret string }{
		{"contact=zoe.q+tag@shop.example", "zoe.q"},
		{"contact=zoe.q%2Btag%2540shop.example", "zoe.q"},
		{"contact=zoe.q+tag%40shop.example", "zoe.q"},
		{"zoe.q+tag@shop.example=1", "zoe.q"},
		{"note=write+to+zoe.q+tag@shop.example+now", "zoe.q"},
		{"contact=zoe.q%26%2364%3Bexample.com", "zoe.q"},
		{"contact=zoe.q&#64;example.com", "zoe.q"},
		{"contact=zoe.q%26commat%3Bexample.com", "zoe.q"},
		{"contact=zoe.q%EF%BC%A0example.com", "zoe.q"},
		{"contact=zoe.q@192.0.2.1", "zoe.q"},
		{"contact=zoe.q@[2001:db8::1]", "zoe.q"},
		{"contact=zoe.q@localhost", "zoe.q"},
		{"contact=mailto:zoe.q@localhost", "zoe.q"},
		{"contact=%22zoe.q@work%22@example.com", "zoe.q"},
		{"contact=zoe.q@b%C3%BCcher%E3%80%82example", "zoe.q"},
		{"contact=zoe.q%25252540example.com", "zoe.q"},
		{"&amp;secure=" + unknown, unknown},
		{"&amp;amp;secure=" + unknown, unknown},
		{"x[secure]=" + unknown, unknown},
		{"x%5Bsecure%5D=" + unknown, unknown},
		{"%EF%BB%BFsecure=" + unknown, unknown},
		{"%E2%80%8Bsecure=" + unknown, unknown},
		{"a;secure=" + unknown, unknown},
		{"?secure=" + unknown, unknown},
		{"%EF%BD%93ecure=" + unknown, unknown},
		{"x=" + url.QueryEscape("https://x.example/?a=1&amp;secure="+unknown), unknown},
		{"secure_token=" + unknown, unknown},
		{"_secure=" + unknown, unknown},
		{"x[Secure-Key]=" + unknown, unknown},
		{"x=" + url.QueryEscape("https://x.example/?a=1&secureToken="+unknown), unknown},
		{`x={"a":"{\\\"sec\\u0075re\\\":\\\"` + unknown + `\\\"}"}`, unknown},
		{"contact=zoe.q%3D40example.com", "zoe.q"},
		{"contact=zoe.q\\u0040example.com", "zoe.q"},
		{"x=%zz" + url.QueryEscape(importedToken), "Legacy-Token/42"},
		{"x=" + url.QueryEscape(importedToken) + "%zz", "Legacy-Token/42"},
		{"x=%" + url.QueryEscape(importedToken) + "%", "Legacy-Token/42"},
		{"x=" + importedToken, "Legacy-Token/42"},
		{"x=the+token+" + url.QueryEscape(importedToken) + "!", "Legacy-Token/42"},
		{"x=" + url.QueryEscape("a|"+importedToken+"|b"), "Legacy-Token/42"},
		{"sub_id=zoe.q%0a@example.com", "zoe.q"},
		{"sub_id=zoe.q@@example.com", "zoe.q"},
		{"sub_id=zoe.q@example", "zoe.q"},
		{"sub_id_2=zoe.q%0D%0A@example.com", "zoe.q"},
		{"sub_id=zoe.q%20%40example.com", "zoe.q"},
		{"sub_id=zoe.q@+example.com", "zoe.q"},
		{"sub_id=zoe.q+tag@intranet", "zoe.q"},
		{"order_id=zoe.q+tag%09@shop.example", "zoe.q"},
		{"order_id=zoe.q@@shop.example", "zoe.q"},
		{"token=" + unknown, unknown},
		{"api_key=" + unknown, unknown},
		{"apikey=" + unknown, unknown},
		{"secret=" + unknown, unknown},
		{"auth=" + unknown, unknown},
		{"access_token=" + unknown, unknown},
		{"password=" + unknown, unknown},
		{"user[clientSecret]=" + unknown, unknown},
		{"X-Api-Key=" + unknown, unknown},
		{"&amp;pwd=" + unknown, unknown},
		{"x=" + url.QueryEscape("https://x.example/?a=1&Authorization="+unknown), unknown},
		{`x={"a":{"refreshToken":"` + unknown + `"}}`, unknown},
		{"order_id=" + url.QueryEscape("https://x.example/?token="+unknown), unknown},
		{"external_transaction_id=secure%3D" + unknown, unknown},
	} {
		d := open(t)
		for _, door := range []string{"/?secure=TOKEN&transaction_id=ID&", "/clickless?secure=TOKEN&publisher=2&", "/click?offer=1&publisher=2&"} {
			door = strings.NewReplacer("TOKEN", d.token, "ID", d.id().String()).Replace(door)
			ctx := asked("GET", door+test.query, "")
			d.receiver.Serve(ctx)
			for _, h := range d.queue.taken() {
				data, err := h.Encode()
				require.NoError(t, err)
				for _, form := range decodings(string(data) + string(ctx.Response.Body())) {
					require.NotContains(t, form, test.secret, "%s%s", door, test.query)
				}
			}
		}
	}
}

// The hash that the advertiser makes of the address itself is the one that is kept.
func TestAnAddressIsHashedAsTheAddressThatItIs(t *testing.T) {
	t.Parallel()
	d := open(t)
	for _, sent := range []string{
		"jane+promo@shop.example", "jane%2Bpromo@shop.example", "jane%20promo@shop.example", "jane%252Bpromo%2540shop.example", "Jane+Promo%40SHOP.example",
		"mailto:jane+promo@shop.example", "%3Cjane+promo@shop.example%3E", "jane%2Bpromo%26%2364%3Bshop.example", "jane+promo%EF%BC%A0shop.example",
	} {
		for _, door := range []string{"/clickless?secure=" + d.token + "&publisher=2", "/?secure=" + d.token + "&transaction_id=" + d.id().String(), "/click?offer=1&publisher=2"} {
			d.queue.forget()
			d.get(door + "&user_email=" + sent)
			want, err := redact.EmailHash("jane+promo@shop.example")
			require.NoError(t, err)
			require.Equal(t, want, d.only().Params[hit.ParamUserEmail], sent)
		}
	}
}
