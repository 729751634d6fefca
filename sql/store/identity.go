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
	sqlfiles "integr8/sql"
)

const (
	// identityLead is how far ahead an edit of rules of identity takes effect, by
	// the database's clock. A process loads reference data at least every half
	// minute, so it knows the edit by then.
	identityLead = time.Minute
	// identityMargin is how far the clock of a server may be behind that of the
	// one that it replaces.
	identityMargin = 10 * time.Second
	// identitySilence ends an edit whose process is silent. It is far above what
	// there is between two statements, and far below the time for which a process
	// can go without new offers.
	identitySilence = 2 * time.Second
)

// identityKnownUntil returns the time from which rules of identity may be in
// force that a statement after this call does not see; zero when nothing is
// certain.
func identityKnownUntil(ctx context.Context, db sqlx.QueryerContext) (time.Time, error) {
	var at sql.NullTime
	if err := sqlx.GetContext(ctx, db, &at, sqlfiles.Query("identity_known_at")); err != nil {
		return time.Time{}, fmt.Errorf("ask until when rules of identity are known: %w", err)
	}
	if !at.Valid {
		return time.Time{}, nil
	}
	return at.Time.UTC().Add(identityLead - identityMargin), nil
}

// changeIdentity sets rules of identity in a transaction that holds the offer's
// row. The lock comes before the look at the clock and is held until the commit:
// so whoever reads offers without seeing the new rules knows, from the time at
// which it asked, that they are not in force yet.
//
// Everybody who loads offers waits for that lock. A process that dies or hangs
// while it has it loses it after identitySilence.
func changeIdentity(ctx context.Context, tx *sqlx.Tx, account, offer int64, rules attribution.Identity) error {
	if _, err := tx.ExecContext(ctx, sqlfiles.Query("lock_identity"), strconv.FormatInt(identitySilence.Milliseconds(), 10)); err != nil {
		return fmt.Errorf("lock rules of identity: %w", err)
	}
	_, err := tx.ExecContext(ctx, sqlfiles.Query("change_identity"), account, offer, rules.ManyPerClick, identityLead.Microseconds())
	if err != nil {
		return fmt.Errorf("change rules of identity: %w", err)
	}
	return nil
}

// laterIdentity reads what queries/offer_rows.sql says of later rules.
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
