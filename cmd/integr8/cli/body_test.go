package cli

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/outcome"
)

// post sends a POST with any headers, name and value in turn.
func (s *system) post(path, body string, header ...string) answer {
	s.t.Helper()
	request, err := http.NewRequest(http.MethodPost, s.base+path, strings.NewReader(body))
	require.NoError(s.t, err)
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	return s.send(request)
}

const multipartID = "--b\r\nContent-Disposition: form-data; name=\"transaction_id\"\r\n\r\nID\r\n--b\r\n" +
	"Content-Disposition: form-data; name=\"secure\"\r\n\r\nTOKEN\r\n--b--\r\n"

func TestABodyIsReadForWhatItIs(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	const form, flat = "secure=TOKEN&transaction_id=ID&sub_id=a", `{"secure":"TOKEN","transaction_id":"ID","sub_id":"a"}`
	for name, row := range map[string]struct{ body, contentType string }{
		"JSON as text/plain":                 {flat, "text/plain;charset=UTF-8"},
		"JSON without a type":                {flat, ""},
		"JSON as a form, as curl -d does":    {flat, "application/x-www-form-urlencoded"},
		"JSON as bytes":                      {flat, "application/octet-stream"},
		"JSON of a type that is none":        {flat, "/;;"},
		"JSON as a multipart form":           {flat, "multipart/form-data"},
		"JSON behind a mark and blanks":      {"\xef\xbb\xbf \r\n" + flat + "\n", "text/plain"},
		"one object in a list":               {"[" + flat + "]", "application/json"},
		"one object in a list, spread":       {" [ \n" + flat + " ] \n", "text/plain"},
		"a form as text/plain":               {form, "text/plain"},
		"a form without a type":              {form, ""},
		"a form as JSON":                     {form, "application/json"},
		"a form with a line's end":           {form + "\r\n", "text/html"},
		"a multipart form without a type":    {multipartID, ""},
		"a multipart form, boundary missing": {multipartID, "multipart/form-data"},
	} {
		t.Run(name, func(t *testing.T) {
			id := s.click()
			header := []string{"Content-Type", row.contentType}
			if row.contentType == "" {
				header = nil
			}
			got := s.post("/postback", strings.NewReplacer("TOKEN", s.Global, "ID", id).Replace(row.body), header...)
			require.Equal(t, http.StatusOK, got.status, got.body)
			require.Empty(t, got.header.Get("X-Note"))
			s.becomes(got.receipt, outcome.Converted)
			require.Equal(t, 1, s.count("conversions WHERE transaction_id = $1", id))
		})
	}
}

// unreadableBodies are neither a form nor one flat object.
var unreadableBodies = map[string]struct{ body, contentType, encoding string }{
	"words":              {"hello", "text/plain", ""},
	"XML":                {`<?xml version="1.0"?><order id="1"/>`, "application/xml", ""},
	"a list":             {`[{"order_id":"1"},{"order_id":"2"}]`, "application/json", ""},
	"64 kB":              {`{"a":"` + strings.Repeat("x", 64<<10) + `"}`, "application/json", ""},
	"cut JSON":           {`{"sub_id":"a","items":[`, "application/json", ""},
	"two objects":        {`{"sub_id":"a"}{}`, "", ""},
	"a compressed form":  {"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03K\xb4\xb5MJ\x02\x00", "application/x-www-form-urlencoded", "gzip"},
	"bytes":              {"\x00\x01\xff=\xfe&&%%", "application/octet-stream", ""},
	"a multipart form":   {"--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1", "multipart/form-data; boundary=b", ""},
	"a multipart header": {"--b\r\nnonsense", "multipart/form-data; boundary=c", ""},
}

func TestABodyThatCannotBeReadNeverUndoesACompleteQuery(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	for name, row := range unreadableBodies {
		t.Run(name, func(t *testing.T) {
			id := s.click()
			got := s.post("/?secure="+s.Global+"&transaction_id="+id, row.body, "Content-Type", row.contentType, "Content-Encoding", row.encoding)
			require.Equal(t, http.StatusOK, got.status, got.body)
			require.Regexp(t, "the body: (cannot be read throughout|too large, left out)", got.header.Get("X-Note"))
			s.becomes(got.receipt, outcome.Converted)
			require.Contains(t, s.notesOf(got.receipt), "the body")

			got = s.post("/clickless?secure="+s.OfferToken+"&order_id="+id+"&publisher="+number(s.Publisher), row.body,
				"Content-Type", row.contentType, "Content-Encoding", row.encoding)
			require.Equal(t, http.StatusOK, got.status, got.body)
			s.becomes(got.receipt, outcome.Converted)
		})
	}
}

func TestARequestWhoseBodyCannotBeReadIsRecordedWhenItNamesAToken(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	for name, row := range unreadableBodies {
		t.Run(name, func(t *testing.T) {
			for _, target := range []string{"/?secure=" + s.Global, "/clickless?offer=1&secure=" + s.Global} {
				got := s.post(target, row.body, "Content-Type", row.contentType, "Content-Encoding", row.encoding)
				status, reason := http.StatusBadRequest, outcome.MalformedRequest
				if len(row.body) > 64<<10 {
					status, reason = http.StatusRequestEntityTooLarge, outcome.TooLarge
				}
				require.Equal(t, status, got.status, got.body)
				require.Equal(t, reason, s.becomes(got.receipt, outcome.Rejected).Reason)
			}
			got := s.post("/?transaction_id="+s.click(), row.body, "Content-Type", row.contentType, "Content-Encoding", row.encoding)
			require.GreaterOrEqual(t, got.status, http.StatusBadRequest)
			require.Empty(t, got.receipt)
		})
	}
	// What of a body can be read counts: it may hold another id.
	got := s.post("/?secure="+s.Global+"&transaction_id="+s.click(), `{"transaction_id":"`+s.click()+`","x":[`, "Content-Type", "application/json")
	require.Equal(t, http.StatusBadRequest, got.status, got.body)
	require.Equal(t, outcome.RepeatedParameter, s.becomes(got.receipt, outcome.Rejected).Reason)
	require.Zero(t, s.count("conversions"))
}
