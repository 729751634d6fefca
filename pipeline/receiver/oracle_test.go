package receiver

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/token"
)

// strangerWorld is the directory of the tests without any token.
type strangerWorld struct{ knownWorld }

func (strangerWorld) IsToken(string) bool          { return false }
func (strangerWorld) HasImportedTokens() bool      { return true }
func (strangerWorld) KnowsToken(token.Digest) bool { return false }

// mintedOnes matches the ids and the time that are new in each response.
var mintedOnes = regexp.MustCompile(`Date: [^\r]*|[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// A response never depends on the directory of tokens: a receiver with the token and one
// without it send the same status, headers and body, byte for byte, to the same requests.
func TestNoDoorShowsWhichTextIsAToken(t *testing.T) {
	t.Parallel()
	with, without := open(t), open(t)
	without.receiver.options.Directory = strangerWorld{}
	without.receiver.redactor.IsToken = strangerWorld{}.IsToken

	once := url.QueryEscape(importedToken)
	long := strings.Repeat("a", 3000)
	junk := strings.Repeat("&utm"+strings.Repeat("b", 90)+"=1", 190)
	type request struct{ method, target, body, kind string }
	requests := []request{}
	for _, method := range []string{"GET", "HEAD", "POST"} {
		for _, door := range []string{"/click?offer=1&publisher=2", "/click?offer=2&publisher=2", "/click?offer=9&publisher=2", "/click?offer=x"} {
			for _, place := range []string{
				"&secure=T", "&sub_id=T", "&sub_id_2=T", "&sub_id=a+T", "&sub_id=aTb", "&x=T", "&T=1", "&x[secure]=T", "&sub_id=%26secure%3DT", "&sub_id=%zzT",
				"&sub_id=T&sub_id=T", "&sub_id=" + long + "T", "&secure=T" + junk, "&device_id=T&user_email=T",
			} {
				requests = append(requests, request{method, door + strings.ReplaceAll(place, "T", once), "", ""})
			}
		}
		for _, door := range []string{"/?transaction_id=ID", "/postback?transaction_id=bad", "/postback?x=1", "/pixel?transaction_id=ID", "/clickless?publisher=2", "/clickless?publisher=x", "/clickless?offer=1"} {
			for _, place := range []string{
				"&secure=T", "&secure=T&secure=T", "&secure=T&secure=other", "&secure=+T", "&secure=T%zz", "&x=T", "&T=1", "&secure=x&order_id=T", "&secure=T&order_id=" + long,
				"&secure=T&revenue=x", "&secure=T" + junk, "&secure=T&user_email=T", "&amp;secure=T", "&x[secure]=T", "&secure=T&status=refund",
			} {
				requests = append(requests, request{method, door + strings.ReplaceAll(place, "T", once), "", ""})
			}
		}
	}
	for _, body := range []request{
		{kind: formType, body: "secure=T&transaction_id=ID"}, {kind: "application/json", body: `{"secure":"R","transaction_id":"ID"}`},
		{kind: "application/json", body: `{"secure":{"a":"R"},"transaction_id":"ID"}`}, {kind: "application/json", body: `{"x":"R"}`}, {kind: "text/plain", body: "R"},
	} {
		for _, door := range []string{"/", "/postback", "/clickless?publisher=2", "/clickless"} {
			requests = append(requests, request{"POST", door, strings.NewReplacer("T", once, "R", importedToken).Replace(body.body), body.kind})
		}
	}
	for i, r := range requests {
		var shown [2]string
		for j, d := range []*doors{with, without} {
			id := d.id().String()
			ctx := asked(r.method, strings.ReplaceAll(r.target, "ID", id), strings.ReplaceAll(r.body, "ID", id),
				"Host", pixelHost, "Content-Type", r.kind, "Referer", "https://x.example/?secure="+once, "Accept", []string{"*/*", "application/json"}[i%2])
			d.receiver.Serve(ctx)
			shown[j] = mintedOnes.ReplaceAllString(ctx.Response.Header.String()+string(ctx.Response.Body()), "MINTED")
		}
		require.Equal(t, shown[1], shown[0], "%s %s %s", r.method, r.target, r.body)
	}
	require.NotEmpty(t, with.queue.taken())
}
