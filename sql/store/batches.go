package store

import (
	"cmp"
	"net/netip"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/attribution"
	"integr8/sql/store/pg"
)

// This file defines, for each statement that writes records, its parameters by name.
// The names are those of the table's columns, or their plurals.

// recordColumns are columns by the names of parameters.
type recordColumns = map[string]pg.Column[*attribution.Record]

// Columns that several statements use.
var (
	hitIDs              = pg.UUIDs(func(r *attribution.Record) uuid.UUID { return r.Hit.ID })
	accountIDs          = pg.Bigints(func(r *attribution.Record) int64 { return r.Decision.AccountID })
	kinds               = pg.Texts(func(r *attribution.Record) string { return string(r.Hit.Kind) })
	receivedAt          = pg.Times(func(r *attribution.Record) time.Time { return r.Hit.ReceivedAt })
	outcomes            = pg.Texts(func(r *attribution.Record) string { return string(r.Decision.Outcome) })
	reasons             = pg.Texts(func(r *attribution.Record) string { return string(r.Decision.Reason) })
	routes              = pg.Texts(func(r *attribution.Record) string { return string(r.Decision.Route) })
	offerIDs            = pg.Bigints(func(r *attribution.Record) int64 { return r.Decision.OfferID })
	offerIDsOrNull      = pg.BigintsOrNull(func(r *attribution.Record) int64 { return r.Decision.OfferID })
	publisherIDs        = pg.Bigints(func(r *attribution.Record) int64 { return r.Decision.PublisherID })
	transactionIDs      = pg.UUIDs(transactionID)
	transactionIDOrNull = pg.UUIDsOrNull(transactionID)
	tests               = pg.Booleans(func(r *attribution.Record) bool { return r.Decision.Test })
)

func transactionID(r *attribution.Record) uuid.UUID { return r.Hit.TransactionID.UUID() }

var (
	insertHits = batchOf("hits/insert", hitColumns)
	upsertHits = batchOf("hits/upsert", hitColumns)
)

var hitColumns = withFindColumns(recordColumns{
	"ids":             hitIDs,
	"account_ids":     accountIDs,
	"kinds":           kinds,
	"received_at":     receivedAt,
	"outcomes":        outcomes,
	"reasons":         reasons,
	"routes":          routes,
	"token_ids":       pg.BigintsOrNull(func(r *attribution.Record) int64 { return r.Decision.TokenID }),
	"offer_ids":       offerIDsOrNull,
	"publisher_ids":   pg.BigintsOrNull(func(r *attribution.Record) int64 { return r.Decision.PublisherID }),
	"transaction_ids": transactionIDOrNull,
	"conversion_ids":  pg.UUIDsOrNull(func(r *attribution.Record) uuid.UUID { return r.ConversionID }),
	"duplicate_of":    pg.UUIDsOrNull(func(r *attribution.Record) uuid.UUID { return r.DuplicateOf }),
	"tests":           tests,
	"requests":        pg.JSONs(func(r *attribution.Record) []byte { return r.Request }),
})

var insertClicks = batchOf("clicks/insert", recordColumns{
	"transaction_ids":          transactionIDs,
	"account_ids":              accountIDs,
	"hit_ids":                  hitIDs,
	"offer_ids":                offerIDs,
	"publisher_ids":            publisherIDs,
	"clicked_at":               receivedAt,
	"sub_id":                   param("sub_id"),
	"sub_id_2":                 param("sub_id_2"),
	"sub_id_3":                 param("sub_id_3"),
	"sub_id_4":                 param("sub_id_4"),
	"sub_id_5":                 param("sub_id_5"),
	"sub_id_6":                 param("sub_id_6"),
	"external_transaction_ids": param("external_transaction_id"),
	"device_ids":               param("device_id"),
	"bots":                     pg.Booleans(func(r *attribution.Record) bool { return r.Bot }),
	"client_ips":               pg.TextsOrNull(func(r *attribution.Record) string { return clientAddress(r.Hit.ClientIP) }),
	"user_agents":              pg.TextsOrNull(func(r *attribution.Record) string { return r.Hit.UserAgent }),
	"tests":                    tests,
})

// param is a parameter of the request.
func param(name string) pg.Column[*attribution.Record] {
	return pg.TextsOrNull(func(r *attribution.Record) string { return r.Hit.Params[name] })
}

var insertConversions = batchOf("conversions/insert", recordColumns{
	"ids":                      hitIDs,
	"account_ids":              accountIDs,
	"dedup_keys":               pg.UUIDs(dedupKey),
	"transaction_ids":          transactionIDOrNull,
	"offer_ids":                offerIDs,
	"publisher_ids":            publisherIDs,
	"events":                   pg.Texts(func(r *attribution.Record) string { return r.Decision.Conversion.Event }),
	"statuses":                 pg.Texts(func(r *attribution.Record) string { return r.Decision.Conversion.Status }),
	"methods":                  pg.Texts(func(r *attribution.Record) string { return string(r.Decision.Conversion.Method) }),
	"routes":                   routes,
	"revenues":                 pg.Texts(func(r *attribution.Record) string { return r.Decision.Conversion.Revenue.String() }),
	"payouts":                  pg.Texts(func(r *attribution.Record) string { return r.Decision.Conversion.Payout.String() }),
	"currencies":               pg.Texts(func(r *attribution.Record) string { return r.Decision.Conversion.Currency }),
	"converted_at":             receivedAt,
	"order_ids":                detail(func(d *attribution.Details) string { return d.OrderID }),
	"external_transaction_ids": detail(func(d *attribution.Details) string { return d.ExternalTransactionID }),
	"sub_id":                   detail(func(d *attribution.Details) string { return d.SubIDs[0] }),
	"sub_id_2":                 detail(func(d *attribution.Details) string { return d.SubIDs[1] }),
	"sub_id_3":                 detail(func(d *attribution.Details) string { return d.SubIDs[2] }),
	"sub_id_4":                 detail(func(d *attribution.Details) string { return d.SubIDs[3] }),
	"sub_id_5":                 detail(func(d *attribution.Details) string { return d.SubIDs[4] }),
	"sub_id_6":                 detail(func(d *attribution.Details) string { return d.SubIDs[5] }),
	"adv_sub_id":               detail(func(d *attribution.Details) string { return d.AdvertiserSubIDs[0] }),
	"adv_sub_id_2":             detail(func(d *attribution.Details) string { return d.AdvertiserSubIDs[1] }),
	"adv_sub_id_3":             detail(func(d *attribution.Details) string { return d.AdvertiserSubIDs[2] }),
	"adv_sub_id_4":             detail(func(d *attribution.Details) string { return d.AdvertiserSubIDs[3] }),
	"conversion_ips":           detail(func(d *attribution.Details) string { return addressText(d.ConversionIP) }),
	"session_times":            pg.TimesOrNull(func(r *attribution.Record) time.Time { return r.Details.SessionTime }),
	"user_agents":              detail(func(d *attribution.Details) string { return d.UserAgent }),
	"user_email_hashes":        detail(func(d *attribution.Details) string { return d.UserEmailHash }),
	"device_ids":               detail(func(d *attribution.Details) string { return d.DeviceID }),
	"purchase_values":          detail(purchaseValue),
	"clicked_at":               pg.TimesOrNull(func(r *attribution.Record) time.Time { return r.Details.ClickedAt }),
	"click_ips":                detail(func(d *attribution.Details) string { return clientAddress(d.ClickIP) }),
	"click_user_agents":        detail(func(d *attribution.Details) string { return d.ClickUserAgent }),
	"tests":                    tests,
}, "rules_version")

func dedupKey(r *attribution.Record) uuid.UUID { return r.Decision.Conversion.DedupKey }

func detail(of func(*attribution.Details) string) pg.Column[*attribution.Record] {
	return pg.TextsOrNull(func(r *attribution.Record) string { return of(&r.Details) })
}

// addressText returns the text of an address, or "" when there is none.
func addressText(address netip.Addr) string {
	if !address.IsValid() {
		return ""
	}
	return address.String()
}

func purchaseValue(d *attribution.Details) string {
	if d.PurchaseValue == nil {
		return ""
	}
	return d.PurchaseValue.String()
}

// clientAddress returns the address of a client in the form of inet, or "" where the
// text is none: no client's address may fail a batch.
func clientAddress(text string) string {
	address, err := netip.ParseAddr(text)
	if err != nil {
		return ""
	}
	return address.Unmap().WithZone("").String()
}

var insertWaiting = batchOf("waiting/insert", recordColumns{
	"transaction_ids": transactionIDs,
	"account_ids":     accountIDs,
	"hit_ids":         hitIDs,
	"window_ends":     pg.Times(func(r *attribution.Record) time.Time { return r.WaitsUntil }),
	"at_least_ms":     pg.Bigints(func(r *attribution.Record) int64 { return r.WaitsAtLeast.Milliseconds() }),
})

// hitsOfClicks identifies hits by the click that they wait for.
var hitsOfClicks = recordColumns{"transaction_ids": transactionIDs, "hit_ids": hitIDs}

var (
	deleteWaiting    = batchOf("waiting/delete", hitsOfClicks)
	insertEndedWaits = batchOf("ended_waits/insert", hitsOfClicks)
	deleteEndedWaits = batchOf("ended_waits/delete", hitsOfClicks)
)

var lockDeadLetters = batchOf("dead_letters/lock", recordColumns{"ids": hitIDs})

var upsertDeadLetters = batchOf("dead_letters/upsert", recordColumns{
	"ids":             hitIDs,
	"account_ids":     accountIDs,
	"kinds":           kinds,
	"outcomes":        outcomes,
	"reasons":         reasons,
	"errors":          pg.Texts(func(r *attribution.Record) string { return r.Error }),
	"offer_ids":       offerIDsOrNull,
	"transaction_ids": transactionIDOrNull,
	"received_at":     receivedAt,
	"payloads":        pg.Byteas(func(r *attribution.Record) []byte { return r.Request }),
	"surplus":         pg.Booleans(func(r *attribution.Record) bool { return r.Hit.Surplus }),
	"token_digests":   pg.Byteas(func(r *attribution.Record) []byte { return digestOrEmpty(r.Hit.TokenDigest) }),
	"publisher_ids":   pg.BigintsOrNull(func(r *attribution.Record) int64 { return cmp.Or(r.Decision.PublisherID, r.Hit.PublisherID) }),
	"networks":        pg.TextsOrNull(func(r *attribution.Record) string { return networkText(r.Hit.Network()) }),
	"tests":           tests,
	"attempts":        pg.Bigints(func(r *attribution.Record) int64 { return int64(r.Attempts) }),
})

var resolveDeadLetters = batchOf("dead_letters/resolve", recordColumns{
	"ids":         hitIDs,
	"account_ids": accountIDs,
	"outcomes":    outcomes,
	"reasons":     reasons,
})

// leak counts the tracking links of a publisher for an offer that contained a secure
// token, with the time of the last one.
type leak struct {
	account, offer, publisher, token int64
	clicks                           int64
	seenAt                           time.Time
}

var countLeaks = batchOf("token_leaks/count", map[string]pg.Column[leak]{
	"account_ids":   pg.Bigints(func(l leak) int64 { return l.account }),
	"offer_ids":     pg.Bigints(func(l leak) int64 { return l.offer }),
	"publisher_ids": pg.Bigints(func(l leak) int64 { return l.publisher }),
	"token_ids":     pg.Bigints(func(l leak) int64 { return l.token }),
	"clicks":        pg.Bigints(func(l leak) int64 { return l.clicks }),
	"seen_at":       pg.Times(func(l leak) time.Time { return l.seenAt }),
})

// taking is the key of an order and the conversion that takes it.
type taking struct{ order, conversion uuid.UUID }

var takeOrders = batchOf("orders/take", map[string]pg.Column[taking]{
	"keys":           pg.UUIDs(func(t taking) uuid.UUID { return t.order }),
	"conversion_ids": pg.UUIDs(func(t taking) uuid.UUID { return t.conversion }),
})
