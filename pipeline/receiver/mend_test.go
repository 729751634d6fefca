package receiver

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
)

// TestWhateverIsMendedStaysWithinTheBoundsOfAHit mends every parameter in every
// way at once, with a token that is known and with one that is not.
func TestWhateverIsMendedStaysWithinTheBoundsOfAHit(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("%01", 500) + "%E9%zz"
	var body strings.Builder
	for _, name := range []string{
		"sub_id", "sub_id_2", "sub_id_3", "sub_id_4", "sub_id_5", "sub_id_6", "adv_sub_id", "adv_sub_id_2", "adv_sub_id_3", "adv_sub_id_4",
		"device_id", "user_agent", "conversion_ip", "session_time", "user_email", "revenue", "payout", "currency", "transaction_id", "foreign",
	} {
		body.WriteString("&" + name + "=" + long + "&" + name + "=other")
	}
	for i := range 300 {
		body.WriteString("&p" + strings.Repeat("x", i%7) + "=1")
	}
	for _, token := range []string{"", "nobody's"} {
		d := open(t)
		if token == "" {
			token = d.token
		}
		keys := "&order_id=" + strings.Repeat("%01", 1000) + "&external_transaction_id=" + strings.Repeat("%22", 1000)
		r := d.send("POST", "/clickless?secure="+token+"&offer=1&publisher=2?a=b"+keys, body.String(), "Content-Type", formType)
		r.accepted(t)
		for _, done := range []mending{again, joined, misencoded, glued, surplus} {
			require.Contains(t, r.header.Get("X-Note"), mendingNotes[done])
		}
		require.LessOrEqual(t, len(r.header.Get("X-Note")), 2048)
		data, err := d.only().Encode()
		require.NoError(t, err)
		limit := hit.MaxBytes
		if token != d.token {
			limit = hit.MaxShortBytes
		}
		require.LessOrEqual(t, len(data), limit)
		_, err = hit.Decode(data)
		require.NoError(t, err)
	}
}

// TestANameThatPostgresCannotStoreIsMended sends qualifiers whose names hold a NUL or
// are no UTF-8: a worker reads each hit, and none of the words is lost.
func TestANameThatPostgresCannotStoreIsMended(t *testing.T) {
	t.Parallel()
	for body, contentType := range map[string]string{
		"event%00=sale":                        formType,
		"sta%00tus=approved":                   formType,
		"refund%FF=0":                          formType,
		"%00new_rejected_reason=":              formType,
		`{"status\u0000":"approved"}`:          "application/json",
		`{"event":{"na\u0000me":"sale"}}`:      "application/json",
		`{"data\u0000":{"sta\u0000tus":"ok"}}`: "application/json",
	} {
		for _, path := range []string{"/", "/clickless"} {
			d := open(t)
			d.send("POST", path+"?secure="+d.token+"&transaction_id="+d.id().String()+"&offer=1&publisher=2", body, "Content-Type", contentType).accepted(t)
			h := d.only()
			qualifiers := 0
			for name := range h.Params {
				if hit.QualifierOf(name) != hit.NoQualifier {
					qualifiers++
				}
			}
			require.Equal(t, 1, qualifiers, "%s at %s: %v", body, path, h.Params)
			require.Contains(t, strings.Join(h.Notes, "; "), mendingNotes[misencoded], body)
		}
	}
}

func TestAWordInAFileIsNoConsent(t *testing.T) {
	t.Parallel()
	d := open(t)
	body := "--b\r\nContent-Disposition: form-data; name=\"status\"; filename=\"s.txt\"\r\n\r\napproved\r\n" +
		"--b\r\nContent-Disposition: form-data; name=\"receipt\"; filename=\"r.pdf\"\r\n\r\n%PDF\r\n--b--\r\n"
	d.send("POST", "/?secure="+d.token+"&transaction_id="+d.id().String(), body, "Content-Type", "multipart/form-data; boundary=b").accepted(t)
	h := d.only()
	require.Equal(t, "[file]", h.Params["status"])
	require.NotContains(t, h.Params, "receipt")
}
