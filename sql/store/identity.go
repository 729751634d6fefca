package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/jmoiron/sqlx"

	"integr8/handlers/attribution"
)

const (
	// identityLead is how far ahead an edit of rules of identity takes effect, by
	// the database's clock. A process looks for changes every second, so
	// it knows the edit by then.
	identityLead = time.Minute
	// identityMargin is how far the clock of a server may be behind that of the
	// server that it replaces.
	identityMargin = 10 * time.Second
	// identitySilence is the time without a statement after which the server ends an
	// edit. It is far longer than the time between two statements, and far shorter than
	// the time for which a process can work without new offers.
	identitySilence = 2 * time.Second
)

// identityKnownUntil returns the time up to which a statement after this call sees all
// rules of identity that are in force then; zero when nothing is certain.
func identityKnownUntil(ctx context.Context, db sqlx.QueryerContext) (time.Time, error) {
	var at sql.NullTime
	if err := selectRow(ctx, db, &at, "identity/known_at", nil); err != nil {
		return time.Time{}, fmt.Errorf("ask until when rules of identity are known: %w", err)
	}
	if !at.Valid {
		return time.Time{}, nil
	}
	return at.Time.UTC().Add(identityLead - identityMargin), nil
}

// changeIdentity sets rules of identity in a transaction that has locked the offer's
// row. It takes a lock before it reads the clock, and holds it until the commit.
// So a process that reads offers and does not see the new rules knows, from the time of
// its read, that they are not in force yet.
//
// Every process that loads offers waits for that lock. A process that dies or hangs
// with the lock loses it after identitySilence.
func changeIdentity(ctx context.Context, tx *sqlx.Tx, account, offer int64, rules attribution.Identity) error {
	if _, err := execute(ctx, tx, "identity/lock", args{"silence": strconv.FormatInt(identitySilence.Milliseconds(), 10)}); err != nil {
		return fmt.Errorf("lock rules of identity: %w", err)
	}
	_, err := execute(ctx, tx, "identity/change", args{
		"account_id":     account,
		"offer_id":       offer,
		"many_per_click": rules.ManyPerClick,
		"lead_us":        identityLead.Microseconds(),
	})
	if err != nil {
		return fmt.Errorf("change rules of identity: %w", err)
	}
	return nil
}

// laterIdentity decodes the later rules that queries/offers/rows.sql returns as JSON.
func laterIdentity(data []byte) ([]attribution.LaterIdentity, error) {
	if data == nil {
		return nil, nil
	}
	var rows []struct {
		Since        int64 `json:"since"` // microseconds since 1970
		ManyPerClick bool  `json:"many_per_click"`
	}
	if err := json.Unmarshal(data, &rows); err != nil {
		return nil, err
	}
	later := make([]attribution.LaterIdentity, len(rows))
	for i, row := range rows {
		later[i] = attribution.LaterIdentity{
			Since:    time.UnixMicro(row.Since).UTC(),
			Identity: attribution.Identity{ManyPerClick: row.ManyPerClick},
		}
	}
	return later, nil
}
