package cli

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// notesOf returns what the stored request says was mended.
func (s *system) notesOf(receipt string) string {
	s.t.Helper()
	var notes string
	require.NoError(s.t, s.db.Get(&notes, "SELECT coalesce(request ->> 'notes', '') FROM hits WHERE id = $1", receipt))
	return notes
}

// paramOf returns a parameter as it is stored.
func (s *system) paramOf(receipt, name string) string {
	s.t.Helper()
	var value string
	require.NoError(s.t, s.db.Get(&value, "SELECT coalesce(request -> 'params' ->> $2::text, '') FROM hits WHERE id = $1", receipt, name))
	return value
}

func manyParams(n int) string {
	var query strings.Builder
	for i := range n {
		fmt.Fprintf(&query, "&p%d=1", i)
	}
	return query.String()
}

func TestAVisitorIsNeverAnswered400ForALabel(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	s.click()
	link := fmt.Sprintf("offer=%d&publisher=%d", s.Offer, s.Publisher)
	offer, publisher := number(s.Offer), number(s.Publisher)
	for name, row := range map[string]struct {
		target string // after the link, or a whole one where it begins with a slash
		note   string // part of the note; none where it is empty
		kept   [2]string
	}{
		"a label twice":                              {"&utm_source=x&utm_source=y", "more than once", [2]string{"utm_source", "x"}},
		"a list":                                     {"&tag[]=a&tag[]=b", "more than once", [2]string{"tag[]", "a"}},
		"a percent sign":                             {"&utm_campaign=50%-off", "percent-encoded", [2]string{"utm_campaign", "50%-off"}},
		"Latin-1":                                    {"&utm_term=Hasenb%F6hler", "UTF-8", [2]string{"utm_term", "Hasenb\uFFFDhler"}},
		"another system's macro":                     {"&sub_id=a-%%SITE%%", "sub_id: not UTF-8 or not percent-encoded", [2]string{"sub_id", "a-%%SITE%%"}},
		"a NUL":                                      {"&sub_id=a%00b", "sub_id", [2]string{"sub_id", "a\uFFFDb"}},
		"a label of 3 kB":                            {"&sub_id_2=" + strings.Repeat("x", 3000), "sub_id_2: too long, cut", [2]string{"sub_id_2", strings.Repeat("x", 2048)}},
		"201 parameters":                             {manyParams(201), "too many", [2]string{"p197", "1"}},
		"a second question mark":                     {"/click?offer=" + offer + "&publisher=" + publisher + "?fbclid=I", "second question mark", [2]string{"fbclid", "I"}},
		"an ampersand for HTML":                      {"/click?offer=" + offer + "&amp;publisher=" + publisher, "", [2]string{"publisher", publisher}},
		"two slashes":                                {"//click?" + link + "&sub_id=a", "", [2]string{"sub_id", "a"}},
		"the publisher twice":                        {"&publisher=" + publisher + "&sub_id=a", "", [2]string{"sub_id", "a"}},
		"a label first empty":                        {"&sub_id=&sub_id=a", "", [2]string{"sub_id", "a"}},
		"a percent sign at the end":                  {"&sub_id_3=100%", "sub_id_3", [2]string{"sub_id_3", "100%"}},
		"a mixed encoding":                           {"&sub_id=%C3%A9%E9+%zz", "sub_id", [2]string{"sub_id", "\u00e9\uFFFD %zz"}},
		"a broken name":                              {"&%zz=1&sub_id=a", "other parameters", [2]string{"sub_id", "a"}},
		"a long name":                                {"&" + strings.Repeat("n", 3000) + "=1&sub_id=a", "too long", [2]string{"sub_id", "a"}},
		"two question marks":                         {"/click??offer=" + offer + "&publisher=" + publisher + "&sub_id=a", "", [2]string{"sub_id", "a"}},
		"ampersands for HTML, twice":                 {"/click?offer=" + offer + "&amp;amp;publisher=" + publisher + "&amp;sub_id=a", "", [2]string{"sub_id", "a"}},
		"a slash after the publisher":                {"/click?offer=" + offer + "&publisher=" + publisher + "/", "publisher: followed", [2]string{"publisher", publisher}},
		"an encoded question mark":                   {"/click?offer=" + offer + "%3Fgclid%3D7&publisher=" + publisher, "offer: followed", [2]string{"gclid", "7"}},
		"three slashes and one more":                 {"///click/?" + link, "", [2]string{"publisher", publisher}},
		"an order twice":                             {"&order_id=1&order_id=2", "order_id: sent more than once", [2]string{"order_id", "1"}},
		"an e-mail that is none":                     {"&user_email=nobody", "user_email", [2]string{"user_email", ""}},
		"a token that is no text":                    {"&secure=%zz%00&sub_id=a", "", [2]string{"sub_id", "a"}},
		"names in upper case":                        {"/click?Offer=" + offer + "&PUBLISHER=" + publisher + "&Sub_ID=a", "", [2]string{"sub_id", "a"}},
		"a name in both cases":                       {"&Publisher=x&OFFER=y", "", [2]string{"Publisher", "x"}},
		"a fragment":                                 {"/click?offer=" + offer + "&publisher=" + publisher + "%23x", "publisher: followed", [2]string{"publisher", publisher}},
		"an encoded ampersand":                       {"/click?offer=" + offer + "&publisher=" + publisher + "%26sub_id%3Da", "publisher: followed", [2]string{"sub_id", "a"}},
		"quotes":                                     {"/click?offer=%22" + offer + "%22&publisher='" + publisher + "'", "offer, publisher: followed", [2]string{"publisher", publisher}},
		"a bracket of a mail":                        {"/click?offer=" + offer + "&publisher=" + publisher + "%3E%20on%20Monday", "publisher: followed", [2]string{"publisher", publisher}},
		"a percent sign at the end of the publisher": {"/click?offer=" + offer + "&publisher=" + publisher + "%", "publisher: followed", [2]string{"publisher", publisher}},
		"a point at the end of a sentence":           {"/click?offer=" + offer + "&publisher=" + publisher + ".", "publisher: followed", [2]string{"publisher", publisher}},
		"a comma":                                    {"/click?offer=" + offer + "&publisher=" + publisher + ",", "publisher: followed", [2]string{"publisher", publisher}},
		"an exclamation mark":                        {"/click?offer=" + offer + "!&publisher=" + publisher + "!", "offer, publisher: followed", [2]string{"publisher", publisher}},
		"a semicolon":                                {"/click?offer=" + offer + "&publisher=" + publisher + ";", "publisher: followed", [2]string{"publisher", publisher}},
		"an asterisk":                                {"/click?offer=" + offer + "&publisher=*" + publisher + "*", "publisher: followed", [2]string{"publisher", publisher}},
		"a curly quote":                              {"/click?offer=" + offer + "&publisher=" + publisher + "%E2%80%9D", "publisher: followed", [2]string{"publisher", publisher}},
		"quoted-printable mail":                      {"/click?offer=3D" + offer + "&publisher=3D" + publisher, "offer, publisher: followed", [2]string{"publisher", publisher}},
		"semicolons between parameters":              {"/click?offer=" + offer + ";publisher=" + publisher + ";sub_id=a", "offer: followed", [2]string{"sub_id", "a"}},
		"a blank between parameters":                 {"/click?offer=" + offer + "%20publisher=" + publisher, "offer: followed", [2]string{"publisher", publisher}},
		"two equals signs":                           {"/click?offer==" + offer + "&publisher==" + publisher, "offer, publisher: followed", [2]string{"publisher", publisher}},
		"a path in capitals":                         {"/Click?" + link, "the path: in capital letters", [2]string{"publisher", publisher}},
		"an ampersand for the question mark":         {"/click&" + link, "the path: followed", [2]string{"publisher", publisher}},
		"the question mark encoded":                  {"/click%3F" + link, "the path: followed", [2]string{"publisher", publisher}},
		"zeros before the publisher":                 {"/click?offer=" + offer + "&publisher=00" + publisher + "&publisher=" + publisher, "", [2]string{"publisher", "00" + publisher}},
	} {
		t.Run(name, func(t *testing.T) {
			target := row.target
			if !strings.HasPrefix(target, "/") {
				target = "/click?" + link + target
			}
			head := s.do(http.MethodHead, "", target, "", "")
			require.Equal(t, http.StatusFound, head.status)
			got := s.do(http.MethodGet, "", target, "", "")
			require.Equal(t, http.StatusFound, got.status, got.body)
			location, err := url.Parse(got.header.Get("Location"))
			require.NoError(t, err)
			require.Len(t, location.Query().Get("c"), 32)
			s.becomes(got.receipt, outcome.Recorded)
			require.Equal(t, 1, s.count("clicks WHERE transaction_id = $1 AND offer_id = $2 AND publisher_id = $3",
				location.Query().Get("c"), s.Offer, s.Publisher))
			if row.note == "" {
				require.Empty(t, got.header.Get("X-Note"))
				require.Empty(t, s.notesOf(got.receipt))
			} else {
				require.Contains(t, got.header.Get("X-Note"), row.note)
				require.Contains(t, s.notesOf(got.receipt), row.note)
			}
			require.Equal(t, row.kept[1], s.paramOf(got.receipt, row.kept[0]))
		})
	}
}

func TestABystanderNeverSinksAConversion(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	long := `[{"sku":"` + strings.Repeat("x", 3000) + `"}]`
	const jsonType = "application/json"
	for name, row := range map[string]struct {
		query, body, note string
		kept              [2]string
	}{
		"a list":                           {query: "items[]=a&items[]=b", note: "more than once", kept: [2]string{"items[]", "a"}},
		"a percent sign":                   {query: "discount=20%", note: "percent-encoded", kept: [2]string{"discount", "20%"}},
		"Latin-1":                          {query: "city=Montr%E9al", note: "UTF-8", kept: [2]string{"city", "Montr\uFFFDal"}},
		"3 kB of items":                    {query: "items=" + url.QueryEscape(long), note: "too long, cut"},
		"3 kB of items in JSON":            {body: `"items":` + long, note: "too long, cut"},
		"a NUL in JSON":                    {body: `"note":"a\u0000b"`, note: "UTF-8", kept: [2]string{"note", "a\uFFFDb"}},
		"the same id twice":                {query: "transaction_id=ID"},
		"the same id in query and JSON":    {query: "transaction_id=ID", body: `"transaction_id":"ID"`},
		"the same token twice":             {query: "secure=TOKEN"},
		"thousands in the revenue":         {query: "revenue=2,000.00", note: "revenue", kept: [2]string{"revenue", "2,000.00"}},
		"two revenues":                     {query: "revenue=2&revenue=3", note: "revenue", kept: [2]string{"revenue", "2, 3"}},
		"an unknown currency":              {query: "revenue=2&currency=ZZZ", note: "currency", kept: [2]string{"currency", "ZZZ"}},
		"an amount in words":               {query: "payout=free", note: "payout", kept: [2]string{"payout", "free"}},
		"a nested amount":                  {body: `"revenue":{"amount":1}`, note: "revenue", kept: [2]string{"revenue", `{"amount":1}`}},
		"a minus in front of no number":    {query: "revenue=-free", note: "revenue", kept: [2]string{"revenue", "-free"}},
		"an amount with its sign":          {query: "revenue=%2412.50", note: "revenue", kept: [2]string{"revenue", "$12.50"}},
		"a nested label":                   {body: `"sub_id":["a","b"]`, note: "sub_id: not plain text", kept: [2]string{"sub_id", `["a","b"]`}},
		"a member twice in JSON":           {body: `"a":1,"a":2`, note: "more than once", kept: [2]string{"a", "1"}},
		"Latin-1 in JSON":                  {body: "\"city\":\"Montr\xe9al\"", note: "UTF-8", kept: [2]string{"city", "Montr\uFFFDal"}},
		"half a character in JSON":         {body: `"name":"a\ud83d"`, note: "UTF-8", kept: [2]string{"name", "a\uFFFD"}},
		"201 parameters":                   {query: strings.TrimPrefix(manyParams(201), "&"), note: "too many"},
		"a broken name":                    {query: "%zz=1&a%00=2", note: "UTF-8"},
		"an address that is none":          {query: "user_email=nobody", note: "user_email"},
		"ids of another door":              {query: "publisher=x&publisher=y&offer=%zz&external_transaction_id=1&external_transaction_id=2", note: "publisher"},
		"an id and a second query":         {query: "transaction_id=ID?fbclid=I", note: "second question mark", kept: [2]string{"fbclid", "I"}},
		"an ampersand written for HTML":    {query: "x=1&amp;order_id=7", kept: [2]string{"order_id", "7"}},
		"what a browser's time looks like": {query: "session_time=noon&conversion_ip=localhost"},
	} {
		for _, door := range []string{"/postback", "/pixel"} {
			if row.body != "" && door == "/pixel" {
				continue
			}
			t.Run(name+door, func(t *testing.T) {
				id := s.click()
				fill := strings.NewReplacer("ID", id, "TOKEN", s.Global)
				target := door + "?secure=" + s.Global
				method, body := http.MethodGet, ""
				if row.body != "" {
					method, body = http.MethodPost, `{"transaction_id":"`+id+`",`+fill.Replace(row.body)+`}`
				} else {
					target += "&transaction_id=" + id
				}
				got := s.do(method, trackingDomain, target+"&"+fill.Replace(row.query), map[bool]string{true: jsonType}[body != ""], body)
				require.Equal(t, http.StatusOK, got.status, got.body)
				require.Contains(t, got.header.Get("X-Note"), row.note)
				require.Equal(t, row.note == "", got.header.Get("X-Note") == "")
				s.becomes(got.receipt, outcome.Converted)
				require.Equal(t, 1, s.count("conversions WHERE transaction_id = $1 AND payout = 2.5 AND revenue = 4 AND currency = 'USD'", id))
				require.Contains(t, s.notesOf(got.receipt), row.note)
				if row.kept[0] != "" {
					require.Equal(t, row.kept[1], s.paramOf(got.receipt, row.kept[0]))
				}
			})
		}
	}
}

func TestABystanderNeverSinksAClicklessPostback(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	order := 0
	for name, row := range map[string]struct {
		query, note string
		column      string // of the conversion, as a condition
	}{
		"an address with its port":      {"conversion_ip=203.0.113.7:51234", "conversion_ip: more than an address", "conversion_ip = '203.0.113.7'"},
		"a list of addresses":           {"conversion_ip=203.0.113.7,+198.51.100.9", "conversion_ip: more than an address", "conversion_ip = '203.0.113.7'"},
		"an IPv6 address with its port": {"conversion_ip=[2001:db8::1]:443", "conversion_ip: more than an address", "conversion_ip = '2001:db8::1'"},
		"an address with its zone":      {"conversion_ip=fe80::1%25eth0", "conversion_ip: more than an address", "conversion_ip = 'fe80::1'"},
		"two addresses":                 {"conversion_ip=203.0.113.7&conversion_ip=198.51.100.9", "conversion_ip: sent more", "conversion_ip = '203.0.113.7'"},
		"an address in brackets":        {"conversion_ip=[2001:db8::1]", "conversion_ip: more than an address", "conversion_ip = '2001:db8::1'"},
		"an address with blanks":        {"conversion_ip=+203.0.113.7%20", "", "conversion_ip = '203.0.113.7'"},
		"an address in another form":    {"conversion_ip=2001:0DB8:0:0:0:0:0:1", "", "conversion_ip = '2001:db8::1'"},
		"no address at all":             {"conversion_ip=null", "left out: conversion_ip", "conversion_ip IS NULL"},
		"a macro for the address":       {"conversion_ip={ip}", "conversion_ip: a placeholder", "conversion_ip IS NULL"},
		"a time with its zone":          {"session_time=2026-01-01T11:00:00%2B01:00", "", "session_time = '2026-01-01T10:00:00Z'"},
		"an address for mail":           {"user_email=mailto:jane@shop.example", "user_email: hashed as the address alone", "user_email_hash IS NOT NULL"},
		"a name around the address":     {"user_email=Jane+%3Cjane@shop.example%3E", "user_email: hashed as the address alone", "user_email_hash IS NOT NULL"},
		"a mail address in capitals":    {"user_email=Jane@Shop.example", "", "user_email_hash IS NOT NULL"},
		"no address":                    {"conversion_ip=localhost", "left out: conversion_ip", "conversion_ip IS NULL"},
		"a time of a database":          {"session_time=2026-01-01+10:00:00", "session_time: without a time zone, read as UTC", "session_time = '2026-01-01T10:00:00Z'"},
		"a time with a fraction":        {"session_time=1764000000.123", "", "session_time = to_timestamp(1764000000.123)"},
		"a time in microseconds":        {"session_time=1764000000123456", "", "session_time = to_timestamp(1764000000.123456)"},
		"a time of a header":            {"session_time=Thu,+01+Jan+2026+10:00:00+GMT", "", "session_time = '2026-01-01T10:00:00Z'"},
		"a date":                        {"session_time=2026-01-01", "session_time: without a time zone, read as UTC", "session_time = '2026-01-01T00:00:00Z'"},
		"a time without a zone":         {"session_time=2026-01-01T10:00:00", "session_time: without a time zone, read as UTC", "session_time = '2026-01-01T10:00:00Z'"},
		"no time":                       {"session_time=yesterday", "left out: session_time", "session_time IS NULL"},
		"the year 1970":                 {"session_time=0", "session_time", "session_time IS NULL"},
		"no e-mail address":             {"user_email=nobody", "user_email", "user_email_hash IS NULL"},
		"a nested label":                {"sub_id=a%00", "sub_id", "sub_id = 'a\uFFFD'"},
		"a click's id twice":            {"transaction_id=1&transaction_id=2", "transaction_id", "transaction_id IS NULL"},
		"a long user agent":             {"user_agent=" + strings.Repeat("m", 3000), "user_agent: too long", "length(user_agent) = 2048"},
		"the publisher twice":           {"publisher=" + number(s.Publisher), "", "true"},
		"a currency without an amount":  {"currency=dollars", "currency", "currency = 'USD'"},
	} {
		t.Run(name, func(t *testing.T) {
			order++
			got := s.do(http.MethodGet, "", fmt.Sprintf("/clickless?secure=%s&publisher=%d&order_id=%d&%s", s.OfferToken, s.Publisher, order, row.query), "", "")
			require.Equal(t, http.StatusOK, got.status, got.body)
			require.Contains(t, got.header.Get("X-Note"), row.note)
			require.Equal(t, row.note == "", got.header.Get("X-Note") == "", got.header.Get("X-Note"))
			s.becomes(got.receipt, outcome.Converted)
			require.Contains(t, s.notesOf(got.receipt), row.note)
			require.Equal(t, 1, s.count("conversions WHERE id = $1 AND "+row.column, got.receipt))
		})
	}
}

func TestWhatNamesAHitStaysStrict(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	for name, row := range map[string]struct {
		target string
		reason outcome.Reason
	}{
		"two ids":                 {"/?secure=TOKEN&transaction_id=ID&transaction_id=OTHER", outcome.RepeatedParameter},
		"two ids, HTML":           {"/?secure=TOKEN&transaction_id=ID&amp;transaction_id=OTHER", outcome.RepeatedParameter},
		"two ids, appended":       {"/?secure=TOKEN&transaction_id=ID?transaction_id=OTHER", outcome.RepeatedParameter},
		"two tokens":              {"/?secure=TOKEN&secure=SECOND&transaction_id=ID", outcome.RepeatedParameter},
		"two orders":              {"/?secure=TOKEN&transaction_id=ID&order_id=1&order_id=2", outcome.RepeatedParameter},
		"an order in Latin-1":     {"/?secure=TOKEN&transaction_id=ID&order_id=%E9", outcome.InvalidText},
		"an order with a NUL":     {"/?secure=TOKEN&transaction_id=ID&order_id=1%00", outcome.InvalidText},
		"an order with a percent": {"/?secure=TOKEN&transaction_id=ID&order_id=5%", outcome.MalformedRequest},
		"two publishers":          {"/clickless?secure=TOKEN&offer=1&publisher=1&publisher=2", outcome.RepeatedParameter},
		"two offers":              {"/clickless?secure=TOKEN&offer=1&offer=2&publisher=1", outcome.RepeatedParameter},
		"two ids of the sender":   {"/clickless?secure=TOKEN&offer=1&publisher=1&external_transaction_id=1&external_transaction_id=2", outcome.RepeatedParameter},
		"half an id":              {"/?secure=TOKEN&transaction_id=ID%zz", outcome.MalformedRequest},
	} {
		t.Run(name, func(t *testing.T) {
			fill := strings.NewReplacer("TOKEN", s.Global, "SECOND", s.OfferToken, "ID", s.click(), "OTHER", s.click())
			got := s.do(http.MethodGet, "", fill.Replace(row.target), "", "")
			require.Equal(t, http.StatusBadRequest, got.status, got.body)
			require.Equal(t, row.reason, s.becomes(got.receipt, outcome.Rejected).Reason)
		})
	}
	require.Zero(t, s.count("conversions"))
}

// An amount that pays is never guessed: what cannot be read rejects the hit under
// terms of a percentage, and where a clickless hit brings it.
func TestAnAmountThatPaysIsNeverGuessed(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	percent := s.NewOffer(func(o *attribution.Offer) { o.Payout.Percent, o.Revenue.Percent = true, true })
	itsToken := s.NewTokenFor(hit.Clickless, s.Offer)
	s.startReceiver()
	s.startWorker()
	for i, query := range []string{
		"revenue=2,000.00", "revenue=2&revenue=3", "revenue=-free", "revenue=%24" + "5", "revenue=1e3", "revenue=2.000,00", "revenue=20%", "revenue=1%E9",
	} {
		got := s.do(http.MethodGet, "", "/?secure="+s.Global+"&transaction_id="+s.clickOn(percent)+"&"+query, "", "")
		require.Equal(t, http.StatusOK, got.status, got.body)
		require.Contains(t, got.header.Get("X-Note"), "revenue", query)
		require.Equal(t, outcome.InvalidAmount, s.becomes(got.receipt, outcome.Rejected).Reason, query)
		for _, own := range []string{query, strings.ReplaceAll(query, "revenue", "payout")} {
			got = s.do(http.MethodGet, "", fmt.Sprintf("/clickless?secure=%s&publisher=%d&order_id=%d&%s", itsToken, s.Publisher, i, own), "", "")
			require.Equal(t, http.StatusOK, got.status, got.body)
			require.Equal(t, outcome.InvalidAmount, s.becomes(got.receipt, outcome.Rejected).Reason, own)
		}
	}
	require.Zero(t, s.count("conversions"))
	// A payout pays nothing after a click, whatever it says.
	got := s.do(http.MethodGet, "", "/?secure="+s.Global+"&transaction_id="+s.clickOn(percent)+"&revenue=10&payout=2,5", "", "")
	s.becomes(got.receipt, outcome.Converted)
}
