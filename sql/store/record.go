package store

import (
	"net/netip"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
)

// Record is a hit with what was decided about it, ready to be written.
type Record struct {
	Hit *hit.Hit
	// Request is the hit as it travelled, and is stored as it is.
	Request []byte
	// Decision is what the rules said. Write replaces a decision to convert
	// by the duplicate that the database finds it to be.
	Decision attribution.Decision
	// WaitsUntil ends the wait of a hit whose outcome is Waiting, by the
	// receiver's clock; it waits at least for WaitsAtLeast from now, by the
	// database's clock.
	WaitsUntil   time.Time
	WaitsAtLeast time.Duration
	// OnlyIfWaiting leaves the hit as it is unless its outcome still is
	// Waiting: several may have been told at once that its click has come. A
	// decision that found the click also replaces ClickNeverCame: the wait may
	// have ended, unseen by whoever wrote the click, in the same moment.
	OnlyIfWaiting bool
	// LeakedToken is the token that a click's tracking link carried, or 0.
	LeakedToken int64
	// Bot says that a click is that of a known link preview or crawler, which
	// reports do not count.
	Bot bool
	// Error is what handling a Failed hit met, in short, and Attempts how often
	// handling failed.
	Error    string
	Attempts int
	// Details are kept with a conversion.
	Details Details

	// ConversionID and DuplicateOf are filled in by Write: the conversion
	// that the hit made, or the first hit of which it is a repeat.
	ConversionID uuid.UUID
	DuplicateOf  uuid.UUID
}

// Details are the parts of a conversion that no rule looks at.
type Details struct {
	OrderID               string
	ExternalTransactionID string
	SubIDs                [6]string
	AdvertiserSubIDs      [4]string
	ConversionIP          netip.Addr
	SessionTime           time.Time
	UserAgent             string
	UserEmailHash         string
}

// reopens reports whether a decision with OnlyIfWaiting replaces what was
// decided before.
func (r *Record) reopens(outcome attribution.Outcome, reason attribution.Reason) bool {
	if outcome == attribution.Unmatched && reason == attribution.ClickNeverCame {
		return r.Decision.Outcome != attribution.Waiting && r.Decision.Outcome != attribution.Unmatched
	}
	return outcome == attribution.Waiting
}

// dead reports whether the hit is one that an operator can act on.
func (r *Record) dead() bool {
	switch r.Decision.Outcome {
	case attribution.Rejected, attribution.Unmatched, attribution.Failed:
		return true
	default:
		return false
	}
}

// What follows says what is stored of records: the parameters of the statement
// of each table, in the order of its columns there.

func hitColumns(records []*Record) []any {
	rows := columns[*Record](records)
	return []any{
		rows.uuids(func(r *Record) uuid.UUID { return r.Hit.ID }),
		rows.bigints(func(r *Record) int64 { return r.Decision.AccountID }),
		rows.texts(func(r *Record) string { return string(r.Hit.Kind) }),
		rows.times(func(r *Record) time.Time { return r.Hit.ReceivedAt }),
		rows.texts(func(r *Record) string { return string(r.Decision.Outcome) }),
		rows.texts(func(r *Record) string { return string(r.Decision.Reason) }),
		rows.texts(func(r *Record) string { return string(r.Decision.Route) }),
		rows.bigintsOrNull(func(r *Record) int64 { return r.Decision.TokenID }),
		rows.bigintsOrNull(func(r *Record) int64 { return r.Decision.OfferID }),
		rows.bigintsOrNull(func(r *Record) int64 { return r.Decision.PublisherID }),
		rows.uuidsOrNull(func(r *Record) uuid.UUID { return r.Hit.TransactionID.UUID() }),
		rows.uuidsOrNull(func(r *Record) uuid.UUID { return r.ConversionID }),
		rows.uuidsOrNull(func(r *Record) uuid.UUID { return r.DuplicateOf }),
		rows.jsons(func(r *Record) []byte { return r.Request }),
	}
}

func conversionColumns(records []*Record) []any {
	rows := columns[*Record](records)
	detail := func(of func(*Details) string) []byte {
		return rows.textsOrNull(func(r *Record) string { return of(&r.Details) })
	}
	return []any{
		rows.uuids(func(r *Record) uuid.UUID { return r.Hit.ID }),
		rows.bigints(func(r *Record) int64 { return r.Decision.AccountID }),
		rows.uuids(func(r *Record) uuid.UUID { return r.Decision.Conversion.DedupKey }),
		rows.uuidsOrNull(func(r *Record) uuid.UUID { return r.Hit.TransactionID.UUID() }),
		rows.bigints(func(r *Record) int64 { return r.Decision.OfferID }),
		rows.bigints(func(r *Record) int64 { return r.Decision.PublisherID }),
		rows.texts(func(r *Record) string { return r.Decision.Conversion.Event }),
		rows.texts(func(r *Record) string { return r.Decision.Conversion.Status }),
		rows.texts(func(r *Record) string { return string(r.Decision.Conversion.Method) }),
		rows.texts(func(r *Record) string { return string(r.Decision.Route) }),
		rows.texts(func(r *Record) string { return r.Decision.Conversion.Revenue.String() }),
		rows.texts(func(r *Record) string { return r.Decision.Conversion.Payout.String() }),
		rows.texts(func(r *Record) string { return r.Decision.Conversion.Currency }),
		rows.times(func(r *Record) time.Time { return r.Hit.ReceivedAt }),
		detail(func(d *Details) string { return d.OrderID }),
		detail(func(d *Details) string { return d.ExternalTransactionID }),
		detail(func(d *Details) string { return d.SubIDs[0] }),
		detail(func(d *Details) string { return d.SubIDs[1] }),
		detail(func(d *Details) string { return d.SubIDs[2] }),
		detail(func(d *Details) string { return d.SubIDs[3] }),
		detail(func(d *Details) string { return d.SubIDs[4] }),
		detail(func(d *Details) string { return d.SubIDs[5] }),
		detail(func(d *Details) string { return d.AdvertiserSubIDs[0] }),
		detail(func(d *Details) string { return d.AdvertiserSubIDs[1] }),
		detail(func(d *Details) string { return d.AdvertiserSubIDs[2] }),
		detail(func(d *Details) string { return d.AdvertiserSubIDs[3] }),
		detail(func(d *Details) string { return addressText(d.ConversionIP) }),
		rows.timesOrNull(func(r *Record) time.Time { return r.Details.SessionTime }),
		detail(func(d *Details) string { return d.UserAgent }),
		detail(func(d *Details) string { return d.UserEmailHash }),
	}
}

// addressText is empty for no address.
func addressText(address netip.Addr) string {
	if !address.IsValid() {
		return ""
	}
	return address.String()
}

func clickColumns(records []*Record) []any {
	rows := columns[*Record](records)
	param := func(name string) []byte {
		return rows.textsOrNull(func(r *Record) string { return r.Hit.Params[name] })
	}
	return []any{
		rows.uuids(func(r *Record) uuid.UUID { return r.Hit.TransactionID.UUID() }),
		rows.bigints(func(r *Record) int64 { return r.Decision.AccountID }),
		rows.uuids(func(r *Record) uuid.UUID { return r.Hit.ID }),
		rows.bigints(func(r *Record) int64 { return r.Decision.OfferID }),
		rows.bigints(func(r *Record) int64 { return r.Decision.PublisherID }),
		rows.times(func(r *Record) time.Time { return r.Hit.ReceivedAt }),
		param("sub_id"), param("sub_id_2"), param("sub_id_3"), param("sub_id_4"), param("sub_id_5"), param("sub_id_6"),
		param("external_transaction_id"),
		param("device_id"),
		rows.booleans(func(r *Record) bool { return r.Bot }),
	}
}

func waitingColumns(records []*Record) []any {
	rows := columns[*Record](records)
	return []any{
		rows.uuids(func(r *Record) uuid.UUID { return r.Hit.TransactionID.UUID() }),
		rows.bigints(func(r *Record) int64 { return r.Decision.AccountID }),
		rows.uuids(func(r *Record) uuid.UUID { return r.Hit.ID }),
		rows.times(func(r *Record) time.Time { return r.WaitsUntil }),
		rows.bigints(func(r *Record) int64 { return r.WaitsAtLeast.Milliseconds() }),
	}
}

func endedColumns(records []*Record) []any {
	rows := columns[*Record](records)
	return []any{
		rows.uuids(func(r *Record) uuid.UUID { return r.Hit.TransactionID.UUID() }),
		rows.uuids(func(r *Record) uuid.UUID { return r.Hit.ID }),
	}
}

func deadColumns(records []*Record) []any {
	rows := columns[*Record](records)
	return []any{
		rows.uuids(func(r *Record) uuid.UUID { return r.Hit.ID }),
		rows.bigints(func(r *Record) int64 { return r.Decision.AccountID }),
		rows.texts(func(r *Record) string { return string(r.Hit.Kind) }),
		rows.texts(func(r *Record) string { return string(r.Decision.Outcome) }),
		rows.texts(func(r *Record) string { return string(r.Decision.Reason) }),
		rows.texts(func(r *Record) string { return r.Error }),
		rows.bigintsOrNull(func(r *Record) int64 { return r.Decision.OfferID }),
		rows.uuidsOrNull(func(r *Record) uuid.UUID { return r.Hit.TransactionID.UUID() }),
		rows.times(func(r *Record) time.Time { return r.Hit.ReceivedAt }),
		rows.byteas(func(r *Record) []byte { return r.Request }),
		rows.booleans(func(r *Record) bool { return r.Hit.Surplus }),
		rows.bigints(func(r *Record) int64 { return int64(r.Attempts) }),
	}
}

func resolvedColumns(records []*Record) []any {
	rows := columns[*Record](records)
	return []any{
		rows.uuids(func(r *Record) uuid.UUID { return r.Hit.ID }),
		rows.bigints(func(r *Record) int64 { return r.Decision.AccountID }),
		rows.texts(func(r *Record) string { return string(r.Decision.Outcome) }),
		rows.texts(func(r *Record) string { return string(r.Decision.Reason) }),
	}
}

// leak is how often a publisher's tracking links for an offer carried a secure
// token, and when that was seen last.
type leak struct {
	account, offer, publisher, token int64
	clicks                           int64
	seenAt                           time.Time
}

func leakColumns(leaks []leak) []any {
	rows := columns[leak](leaks)
	return []any{
		rows.bigints(func(l leak) int64 { return l.account }),
		rows.bigints(func(l leak) int64 { return l.offer }),
		rows.bigints(func(l leak) int64 { return l.publisher }),
		rows.bigints(func(l leak) int64 { return l.token }),
		rows.bigints(func(l leak) int64 { return l.clicks }),
		rows.times(func(l leak) time.Time { return l.seenAt }),
	}
}
