package store_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
)

// row reads the only row of a table, without its NULLs.
func (b *books) row(table string) map[string]any {
	b.t.Helper()
	var text []byte
	require.NoError(b.t, b.db.Get(&text, "SELECT json_strip_nulls(to_json(t)) FROM "+table+" t"))
	row := map[string]any{}
	require.NoError(b.t, json.Unmarshal(text, &row))
	return row
}

func TestAConversionIsStoredWithAllThatIsKnownOfIt(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	at := noon.Add(123456 * time.Microsecond)
	h := &hit.Hit{ID: b.idAt(at), Kind: hit.Clickless, ReceivedAt: at, TransactionID: token.TransactionID(b.idAt(at))}
	request := []byte(`{"id": 1,  "note": "é\\u0000 \" {},NULL"}`)
	key, paid := uuid.New(), decimal.RequireFromString("99.95")
	b.write(&attribution.Record{Hit: h, Request: request, Details: attribution.Details{
		OrderID: "order", ExternalTransactionID: "external",
		SubIDs: [6]string{"s1", "s2", "s3", "s4", "s5", "s6"}, AdvertiserSubIDs: [4]string{"a1", "a2", "a3", "a4"},
		ConversionIP: netip.MustParseAddr("2001:db8::1"), SessionTime: noon.AddDate(-40, 0, 0), UserAgent: `{"quoted", NULL}`,
		UserEmailHash: "hash", DeviceID: "device", PurchaseValue: &paid, ClickedAt: noon.Add(-time.Hour), ClickIP: "::ffff:192.0.2.7", ClickUserAgent: "agent",
	}, Decision: attribution.Decision{
		Outcome: outcome.Converted, Route: attribution.Global, AccountID: 4, TokenID: 5, OfferID: 6, PublisherID: 7, Test: true,
		Conversion: &attribution.Conversion{DedupKey: key, Event: "conversion", Status: "approved", Method: "clickless",
			Revenue: decimal.RequireFromString("123456789012.000001"), Payout: decimal.RequireFromString("0"), Currency: "EUR"},
	}})

	require.Equal(t, map[string]any{
		"id": h.ID.String(), "account_id": 4.0, "dedup_key": key.String(), "transaction_id": h.TransactionID.UUID().String(),
		"offer_id": 6.0, "publisher_id": 7.0, "event": "conversion", "status": "approved", "method": "clickless",
		"route": "global", "revenue": 123456789012.000001, "payout": 0.0, "currency": "EUR",
		"converted_at": "2026-03-14T12:00:00.123456+00:00", "order_id": "order", "external_transaction_id": "external",
		"sub_id": "s1", "sub_id_2": "s2", "sub_id_3": "s3", "sub_id_4": "s4", "sub_id_5": "s5", "sub_id_6": "s6",
		"adv_sub_id": "a1", "adv_sub_id_2": "a2", "adv_sub_id_3": "a3", "adv_sub_id_4": "a4",
		"conversion_ip": "2001:db8::1", "session_time": "1986-03-14T12:00:00+00:00", "user_agent": `{"quoted", NULL}`,
		"user_email_hash": "hash", "device_id": "device", "purchase_value": 99.95,
		"clicked_at": "2026-03-14T11:00:00+00:00", "click_ip": "192.0.2.7", "click_user_agent": "agent", "test": true,
	}, b.row("conversions"))
	var stored []byte
	require.NoError(t, b.db.Get(&stored, "SELECT request FROM hits"))
	require.Equal(t, request, stored, "a request is kept to the byte")
	hitRow := b.row("hits")
	for column, want := range map[string]any{
		"id": h.ID.String(), "account_id": 4.0, "kind": "clickless", "received_at": "2026-03-14T12:00:00.123456+00:00",
		"outcome": "converted", "reason": "", "route": "global", "token_id": 5.0, "offer_id": 6.0, "publisher_id": 7.0,
		"transaction_id": h.TransactionID.UUID().String(), "conversion_id": h.ID.String(), "duplicate_of": nil, "test": true,
	} {
		require.Equal(t, want, hitRow[column], column)
	}
}

func TestAClickIsStoredWithItsParameters(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	record := b.clickRecord(noon)
	record.Hit.Params = map[string]string{"device_id": "device", "external_transaction_id": "external", "sub_id": "s1"}
	record.Bot, record.Decision.Test = true, true
	record.Hit.ClientIP, record.Hit.UserAgent = "fe80::1%eth0", "agent"
	want := map[string]any{
		"bot": true, "test": true, "client_ip": "fe80::1", "user_agent": "agent",
		"transaction_id": record.Hit.TransactionID.UUID().String(), "account_id": 1.0, "hit_id": record.Hit.ID.String(),
		"offer_id": 2.0, "publisher_id": 3.0, "clicked_at": "2026-03-14T12:00:00+00:00",
		"device_id": "device", "external_transaction_id": "external", "sub_id": "s1",
	}
	for i := 2; i <= 6; i++ {
		name := fmt.Sprintf("sub_id_%d", i)
		record.Hit.Params[name], want[name] = name, name
	}
	b.write(record)
	row := b.row("clicks")
	require.NotEmpty(t, row["recorded_at"], "by the database's clock")
	delete(row, "recorded_at")
	require.Equal(t, want, row)
}

func TestEachRecordOfABatchKeepsItsOwnDetails(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	first, middle, last := b.clickRecord(noon), b.clickRecord(noon.Add(time.Second)), b.clickRecord(noon.Add(2*time.Second))
	first.Hit.Params = map[string]string{"sub_id": "first", "sub_id_2": "first"}
	middle.Hit.Params = map[string]string{"sub_id_3": "middle"}
	last.Hit.Params = map[string]string{"sub_id_2": "last"}
	b.write(first, middle, last)
	for _, record := range []*attribution.Record{first, middle, last} {
		row := b.row(fmt.Sprintf("(SELECT * FROM clicks WHERE hit_id = '%s')", record.Hit.ID))
		require.Equal(t, record.Hit.TransactionID.UUID().String(), row["transaction_id"])
		for _, name := range []string{"sub_id", "sub_id_2", "sub_id_3", "sub_id_4"} {
			value, given := record.Hit.Params[name]
			require.Equal(t, given, row[name] != nil, "%s of %v", name, record.Hit.Params)
			require.True(t, !given || row[name] == value, "%s of %v", name, record.Hit.Params)
		}
	}
}

func TestTheTextOfAnErrorMayHoldAnything(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	h := &hit.Hit{ID: b.idAt(noon), Kind: hit.Postback, ReceivedAt: noon}
	b.write(&attribution.Record{Hit: h, Request: []byte(`{"n": 1}`), Error: "cut \xff off",
		Decision: attribution.Decision{Outcome: outcome.Failed, Reason: "handler_failed"}})
	row := b.row("dead_letters")
	require.Equal(t, "cut \uFFFD off", row["error"])
	require.NotContains(t, row, "offer_id")
	require.NotContains(t, row, "transaction_id")
	var payload []byte
	require.NoError(t, b.db.Get(&payload, "SELECT payload FROM dead_letters"))
	require.Equal(t, `{"n": 1}`, string(payload))
}
