package stock

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq" // the driver named "postgres"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
	"integr8/sql/store"
)

// The statements of one transaction. They are prepared once for each connection, so
// that each is one round trip and is not planned again.
const (
	findClick = `SELECT account_id, offer_id, publisher_id, clicked_at FROM clicks WHERE transaction_id = $1`

	insertConversion = `INSERT INTO conversions (id, account_id, dedup_key, transaction_id, offer_id, publisher_id,
    event, status, method, route, revenue, payout, currency, converted_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT DO NOTHING`

	findConversion = `SELECT id, route FROM conversions WHERE dedup_key = $1 AND account_id = $2`

	insertHit = `INSERT INTO hits (id, account_id, kind, received_at, outcome, reason, route, token_id, offer_id,
    publisher_id, transaction_id, conversion_id, duplicate_of, request)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT DO NOTHING`
)

// handler decides postbacks, each in a transaction of its own.
type handler struct {
	db         *sqlx.DB
	reference  *store.Reference
	statements map[string]*sqlx.Stmt
}

func newHandler(ctx context.Context, url string, connections int, reference *store.Reference) (*handler, error) {
	db, err := sqlx.ConnectContext(ctx, "postgres", url)
	if err != nil {
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	h := &handler{db: db, reference: reference, statements: map[string]*sqlx.Stmt{}}
	for _, text := range []string{findClick, insertConversion, findConversion, insertHit} {
		if h.statements[text], err = db.PreparexContext(ctx, text); err != nil {
			return nil, errors.Join(fmt.Errorf("prepare a statement: %w", err), db.Close())
		}
	}
	return h, nil
}

func (h *handler) close() error { return h.db.Close() }

// handle decides one message. After an error the message is delivered again.
func (h *handler) handle(msg *message.Message) error {
	one, err := hit.Decode(msg.Payload)
	if err != nil {
		return err
	}
	tx, err := h.db.BeginTxx(msg.Context(), nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback() // after a commit it has nothing to do
	if err := h.decide(msg.Context(), tx, one, msg.Payload); err != nil {
		return err
	}
	return tx.Commit()
}

func (h *handler) decide(ctx context.Context, tx *sqlx.Tx, one *hit.Hit, request []byte) error {
	c, err := h.caseOf(ctx, tx, one)
	if err != nil {
		return err
	}
	decision := attribution.Decide(c)
	var conversion, duplicateOf uuid.NullUUID
	if decision.Outcome == outcome.Converted {
		first, err := h.convert(ctx, tx, one, &decision)
		if err != nil {
			return err
		}
		conversion = uuid.NullUUID{UUID: first, Valid: true}
		if first != one.ID {
			duplicateOf = conversion
		}
	}
	_, err = tx.StmtxContext(ctx, h.statements[insertHit]).ExecContext(ctx, one.ID, decision.AccountID, one.Kind,
		one.ReceivedAt, decision.Outcome, decision.Reason, decision.Route, nullID(decision.TokenID), nullID(decision.OfferID),
		nullID(decision.PublisherID), nullUUID(one.TransactionID), conversion, duplicateOf, request)
	if err != nil {
		return fmt.Errorf("insert hit %s: %w", one.ID, err)
	}
	return nil
}

func (h *handler) caseOf(ctx context.Context, tx *sqlx.Tx, one *hit.Hit) (attribution.Case, error) {
	snapshot := h.reference.Current()
	c := attribution.Case{
		HitID: one.ID, Kind: one.Kind, ReceivedAt: one.ReceivedAt,
		Refusal: one.Refusal, WaitIsOver: true, // it keeps no waiting postbacks
	}
	if token, ok := snapshot.Token(one.TokenDigest); ok {
		c.Token = &token
	}
	click := attribution.Click{TransactionID: uuid.UUID(one.TransactionID)}
	row := tx.StmtxContext(ctx, h.statements[findClick]).QueryRowxContext(ctx, click.TransactionID)
	err := row.Scan(&click.AccountID, &click.OfferID, &click.PublisherID, &click.ClickedAt)
	if errors.Is(err, sql.ErrNoRows) {
		return c, nil
	}
	if err != nil {
		return c, fmt.Errorf("look for the click of hit %s: %w", one.ID, err)
	}
	c.Click = &click
	if offer, ok := snapshot.Offer(click.OfferID); ok {
		c.Offer = &offer
	}
	if publisher, ok := snapshot.Publisher(click.AccountID, click.PublisherID); ok {
		c.Publisher = &publisher
	}
	return c, nil
}

// convert writes the conversion, or returns the first one with its key, of which the
// hit is then a repeat.
func (h *handler) convert(ctx context.Context, tx *sqlx.Tx, one *hit.Hit, decision *attribution.Decision) (uuid.UUID, error) {
	c := decision.Conversion
	result, err := tx.StmtxContext(ctx, h.statements[insertConversion]).ExecContext(ctx, one.ID, decision.AccountID, c.DedupKey,
		nullUUID(one.TransactionID), decision.OfferID, decision.PublisherID, c.Event, c.Status, c.Method, decision.Route,
		c.Revenue, c.Payout, c.Currency, one.ReceivedAt)
	if err != nil {
		return uuid.Nil, fmt.Errorf("insert the conversion of hit %s: %w", one.ID, err)
	}
	if inserted, err := result.RowsAffected(); err != nil || inserted == 1 {
		return one.ID, err
	}
	var first uuid.UUID
	var route attribution.Route
	row := tx.StmtxContext(ctx, h.statements[findConversion]).QueryRowxContext(ctx, c.DedupKey, decision.AccountID)
	if err := row.Scan(&first, &route); err != nil {
		return uuid.Nil, fmt.Errorf("look for the conversion before hit %s: %w", one.ID, err)
	}
	if first != one.ID {
		*decision = decision.Repeat(route)
	}
	return first, nil
}

func nullID(id int64) sql.NullInt64 { return sql.NullInt64{Int64: id, Valid: id != 0} }

func nullUUID(id token.TransactionID) uuid.NullUUID {
	return uuid.NullUUID{UUID: uuid.UUID(id), Valid: !id.IsZero()}
}
