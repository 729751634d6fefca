package cli

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/outcome"
)

// TestTwoSpellingsOfOneValueAreOneValue sends each id, token and amount twice.
func TestTwoSpellingsOfOneValueAreOneValue(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	dashed := func(id string) string {
		return strings.Join([]string{id[:8], id[8:12], id[12:16], id[16:20], id[20:]}, "-")
	}
	for name, row := range map[string]struct{ query, body string }{
		"an id in upper case":                {"transaction_id=UPPER", ""},
		"an id with dashes":                  {"transaction_id=DASHED", ""},
		"an id with blanks":                  {"transaction_id=+ID%09", ""},
		"an id with a mark":                  {"transaction_id=%EF%BB%BFUPPER", ""},
		"an id with a zero-width blank":      {"transaction_id=ID%E2%80%8B", ""},
		"an id with a slash":                 {"transaction_id=UPPER/", ""},
		"an id in upper case in JSON":        {"", `{"transaction_id":"UPPER"}`},
		"an id with a mark in JSON":          {"", `{"transaction_id":"\ufeffID "}`},
		"an id with dashes in a list":        {"", `[{"transaction_id":"DASHED"}]`},
		"an id in three spellings":           {"transaction_id=UPPER&transaction_id=DASHED", `{"transaction_id":" ID"}`},
		"an id in upper case in a form":      {"", "transaction_id=UPPER&secure=TOKEN"},
		"the token with blanks":              {"secure=+TOKEN+", ""},
		"the token with a mark in JSON":      {"", `{"secure":"\ufeffTOKEN"}`},
		"the token in upper case":            {"secure=LOUD", ""},
		"an id with a fragment":              {"transaction_id=ID%23top", ""},
		"an order with blanks":               {"order_id=7&order_id=+7+", ""},
		"the revenue with and without cents": {"revenue=12.50&revenue=12.5&currency=usd", `{"revenue":12.500,"currency":"USD"}`},
		"a status in two letter cases":       {"status=approved&status=Approved", ""},
	} {
		t.Run(name, func(t *testing.T) {
			id := s.click()
			fill := strings.NewReplacer("ID", id, "UPPER", strings.ToUpper(id), "DASHED", dashed(id), "TOKEN", s.Global, "LOUD", strings.ToUpper(s.Global))
			got := s.post("/?secure="+s.Global+"&transaction_id="+id+"&"+fill.Replace(row.query), fill.Replace(row.body))
			require.Equal(t, http.StatusOK, got.status, got.body)
			s.becomes(got.receipt, outcome.Converted)
			require.Equal(t, 1, s.count("conversions WHERE transaction_id = $1", id))
		})
	}
	publisher, offer := number(s.Publisher), number(s.Offer)
	for i, query := range []string{
		"publisher=0" + publisher, "publisher=+" + publisher, "publisher=%EF%BB%BF" + publisher, "offer=00" + offer, "publisher=" + publisher + "/", "offer=" + offer + "%3Fa%3D1",
	} {
		got := s.do(http.MethodGet, "", "/clickless?"+fmt.Sprintf("secure=%s&publisher=%s&offer=%s&order_id=%d&", s.Global, publisher, offer, i)+query, "", "")
		require.Equal(t, http.StatusOK, got.status, got.body)
		s.becomes(got.receipt, outcome.Converted)
	}
	for _, target := range []string{
		"/?secure=TOKEN&transaction_id=ID&transaction_id=OTHER", "/?secure=TOKEN&secure=SECOND&transaction_id=ID", "/?secure=imported&secure=IMPORTED&transaction_id=ID",
		"/?secure=TOKEN&transaction_id=ID&transaction_id=IDx", "/?secure=TOKEN&transaction_id=ID&order_id=a&order_id=A", "/clickless?secure=TOKEN&publisher=1&publisher=11",
	} {
		fill := strings.NewReplacer("TOKEN", s.Global, "SECOND", s.OfferToken, "ID", s.click(), "OTHER", s.click())
		got := s.do(http.MethodGet, "", fill.Replace(target), "", "")
		require.Equal(t, http.StatusBadRequest, got.status, target)
		require.Equal(t, outcome.RepeatedParameter, s.becomes(got.receipt, outcome.Rejected).Reason)
	}
}

// TestWhatNoDoorTakesIsRecordedWhenItNamesAToken looks for each in the database.
func TestWhatNoDoorTakesIsRecordedWhenItNamesAToken(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	long := strings.Repeat("x", 9<<10)
	for name, row := range map[string]struct {
		method, host, target, body string
		status                     int
		reason                     outcome.Reason
	}{
		"PUT":                     {http.MethodPut, "", "/?secure=TOKEN&transaction_id=ID", "", 405, outcome.WrongMethod},
		"DELETE with JSON":        {http.MethodDelete, "", "/postback", `{"secure":"TOKEN","transaction_id":"ID"}`, 405, outcome.WrongMethod},
		"POST of a pixel":         {http.MethodPost, trackingDomain, "/pixel", "secure=TOKEN&transaction_id=ID", 405, outcome.WrongMethod},
		"a long URL":              {http.MethodGet, "", "/?secure=TOKEN&transaction_id=ID&a=" + long, "", 414, outcome.TooLarge},
		"a large body":            {http.MethodPost, "", "/clickless?secure=TOKEN", "a=" + strings.Repeat(long, 8), 413, outcome.TooLarge},
		"a pixel on another host": {http.MethodGet, "other.example", "/pixel?secure=TOKEN&transaction_id=ID", "", 404, outcome.UnknownPixelDomain},
		"a path that is none":     {http.MethodGet, "", "/conversion?secure=TOKEN&transaction_id=ID", "", 404, outcome.UnknownPath},
		"XML":                     {http.MethodPost, "", "/", "<a><secure>TOKEN</secure><id>ID</id></a>", 400, outcome.MalformedRequest},
		"several objects":         {http.MethodPost, "", "/", `[{"secure":"TOKEN"},{"secure":"TOKEN"}]`, 400, outcome.MalformedRequest},
		"a form without parts":    {http.MethodPost, "", "/", "--b\r\n\r\nsecure=TOKEN\r\n--b--", 400, outcome.MalformedRequest},
	} {
		t.Run(name, func(t *testing.T) {
			fill := strings.NewReplacer("TOKEN", s.Global, "ID", s.click())
			got := s.do(row.method, row.host, fill.Replace(row.target), "", fill.Replace(row.body))
			require.Equal(t, row.status, got.status, got.body)
			rejected := s.becomes(got.receipt, outcome.Rejected)
			require.Equal(t, row.reason, rejected.Reason)
			require.Equal(t, 1, s.count("dead_letters WHERE id = $1 AND account_id = $2", got.receipt, s.ID))
			code, stdout, stderr := s.command("dead", "replay", got.receipt, "--dry-run")
			require.LessOrEqual(t, code, exitFailed, stderr)
			require.NotContains(t, stdout+stderr, s.Global)
			code, stdout, _ = s.command("trace", got.receipt)
			require.Zero(t, code)
			require.Contains(t, stdout, rejected.Reason.Hint()[:20])
		})
	}
	require.Zero(t, s.count("conversions"))
}

// TestAPlaceholderInALabelCountsAsAbsent at every door that takes the label.
func TestAPlaceholderInALabelCountsAsAbsent(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	s.click()
	placeholders := []string{
		"REPLACE", "{sub_id}", "{{sub}}", "${SUB}", "[SUB_ID]", "%SUB%", "%%SUB%%", "%257Bsub_id%257D", "<sub>", "INSERT_SUB_ID", "your-sub-id", "#sub#", "__SUB__",
		"{a}_{b}", "sub_id", "REPLACE_ME", "%EF%BB%BFREPLACE",
	}
	names := []string{"sub_id", "sub_id_2", "device_id", "user_agent"}
	for i, placeholder := range placeholders {
		if !strings.Contains(placeholder, "%25") && !strings.Contains(placeholder, "%EF") {
			placeholder = url.QueryEscape(placeholder)
		}
		name := names[i%len(names)]
		if placeholder == "sub_id" {
			name = placeholder
		}
		click := s.do(http.MethodGet, "", fmt.Sprintf("/click?offer=%d&publisher=%d&%s=%s", s.Offer, s.Publisher, name, placeholder), "", "")
		require.Equal(t, http.StatusFound, click.status)
		clickless := s.do(http.MethodGet, "", "/clickless?"+fmt.Sprintf("secure=%s&publisher=%d&order_id=p%d&%s=%s", s.OfferToken, s.Publisher, i, name, placeholder), "", "")
		require.Equal(t, http.StatusOK, clickless.status, clickless.body)
		s.becomes(click.receipt, outcome.Recorded)
		s.becomes(clickless.receipt, outcome.Converted)
		for _, got := range []answer{click, clickless} {
			const note = ": a placeholder that was never filled in, counts as absent"
			require.Contains(t, got.header.Get("X-Note"), name+note, placeholder)
			require.Contains(t, s.notesOf(got.receipt), name+note)
			require.Empty(t, s.paramOf(got.receipt, name))
		}
		require.Equal(t, 1, s.count("conversions WHERE id = $1 AND sub_id IS NULL AND user_agent IS NULL", clickless.receipt))
	}
	for i, label := range []string{
		"summer {city}", "fill", "your", "Replacement parts", "a[1]", "50%-off", "<3", "__x", "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}", "insider", "yourshop", "test", "facebook",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", "shoes (red)", "pasteboard_12", "enterprise",
	} {
		got := s.do(http.MethodGet, "", "/clickless?"+fmt.Sprintf("secure=%s&publisher=%d&order_id=kept%d&sub_id=%s", s.OfferToken, s.Publisher, i, url.QueryEscape(label)), "", "")
		s.becomes(got.receipt, outcome.Converted)
		require.Equal(t, 1, s.count("conversions WHERE id = $1 AND sub_id = $2", got.receipt, label), label)
	}
}
