package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	sqlfiles "integr8/sql"
)

// Token is what is stored of a secure token: never the token itself.
type Token struct {
	attribution.Token
	// Generation is the one that the token was derived for, from 1 on; 0 for
	// an imported token, which cannot be shown again.
	Generation int64
	Digest     hit.Digest
	CreatedAt  time.Time
}

// CreateToken adds a token to an account, for one offer or with offer 0 for
// all, and for one way in or with an empty purpose for all. It counts the
// generation up and lets derive make the token's digest from it. Callers that
// race each get a generation of their own.
func (s *Store) CreateToken(ctx context.Context, account, offer int64, purpose attribution.Method, derive func(generation int64) hit.Digest) (Token, error) {
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return Token{}, fmt.Errorf("create token: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it does nothing, after a failure the failure counts

	// The account's row makes those who create its tokens take turns.
	var locked int64
	err = tx.GetContext(ctx, &locked, "SELECT id FROM accounts WHERE id = $1::bigint FOR NO KEY UPDATE", account)
	if err != nil {
		return Token{}, found(err, AccountObject, 0, account)
	}
	var generation int64
	err = tx.GetContext(ctx, &generation, sqlfiles.Query("next_token_generation"), account, offer, purpose)
	if err != nil {
		return Token{}, fmt.Errorf("create token: %w", err)
	}
	digest := derive(generation)
	var row tokenRow
	err = tx.GetContext(ctx, &row, sqlfiles.Query("create_token"), account, offer, digest[:], generation, purpose)
	if err != nil {
		return Token{}, s.tokenNotCreated(ctx, err, account, offer, digest)
	}
	if err := tx.Commit(); err != nil {
		return Token{}, fmt.Errorf("create token: %w", err)
	}
	return row.token()
}

// ImportToken adds a token of which only the digest is known, for one offer
// or with offer 0 for all of the account, and for one way in or with an empty
// purpose for all. A token can be stored once only.
func (s *Store) ImportToken(ctx context.Context, account, offer int64, purpose attribution.Method, digest hit.Digest) (Token, error) {
	var row tokenRow
	err := s.inTurn(ctx, func(tx *sqlx.Tx) error {
		return tx.GetContext(ctx, &row, sqlfiles.Query("create_token"), account, offer, digest[:], nil, purpose)
	})
	if err != nil {
		return Token{}, s.tokenNotCreated(ctx, err, account, offer, digest)
	}
	return row.token()
}

// tokenNotCreated looks for the reason why create_token made no row.
func (s *Store) tokenNotCreated(ctx context.Context, err error, account, offer int64, digest hit.Digest) error {
	if !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("create token: %w", err)
	}
	if _, err := s.Account(ctx, account); err != nil {
		return err
	}
	if offer != 0 {
		if _, err := s.Offer(ctx, account, offer); err != nil {
			return err
		}
	}
	stored, ok, err := s.FindToken(ctx, digest)
	if err != nil || !ok || stored.AccountID != account {
		return errors.Join(err, refuse(ErrConflict, "this token is in use elsewhere: ask for another"))
	}
	return refuse(ErrConflict, "account %d has this token already, as token %d", account, stored.ID)
}

// Tokens lists the tokens of an account (0: of all) by id.
func (s *Store) Tokens(ctx context.Context, account int64) ([]Token, error) {
	rows, err := listed[tokenRow](ctx, s, "tokens",
		"SELECT * FROM tokens WHERE $1::bigint = 0 OR account_id = $1::bigint ORDER BY id", account)
	if err != nil {
		return nil, err
	}
	tokens := make([]Token, 0, len(rows))
	for i := range rows {
		token, err := rows[i].token()
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, token)
	}
	return tokens, nil
}

// Token returns one token of the account, or a NotFoundError.
func (s *Store) Token(ctx context.Context, account, id int64) (Token, error) {
	var row tokenRow
	err := s.db.GetContext(ctx, &row, "SELECT * FROM tokens WHERE account_id = $1::bigint AND id = $2::bigint", account, id)
	if err != nil {
		return Token{}, found(err, TokenObject, account, id)
	}
	return row.token()
}

// EditToken says until when a token is valid; the zero time means for ever.
func (s *Store) EditToken(ctx context.Context, account, id int64, validUntil time.Time) (Token, error) {
	var row tokenRow
	err := s.db.GetContext(ctx, &row,
		"UPDATE tokens SET valid_until = $3::timestamptz WHERE account_id = $1::bigint AND id = $2::bigint RETURNING *",
		account, id, sql.NullTime{Time: validUntil, Valid: !validUntil.IsZero()})
	if err != nil {
		return Token{}, found(err, TokenObject, account, id)
	}
	return row.token()
}

// FindToken is FindTokens for one; false when there is none.
func (s *Store) FindToken(ctx context.Context, digest hit.Digest) (attribution.Token, bool, error) {
	found, err := s.FindTokens(ctx, []hit.Digest{digest})
	token, ok := found[digest]
	return token, ok, err
}

type tokenRow struct {
	ID         int64              `db:"id"`
	AccountID  int64              `db:"account_id"`
	OfferID    sql.NullInt64      `db:"offer_id"`
	Purpose    attribution.Method `db:"purpose"`
	Digest     []byte             `db:"digest"`
	Generation sql.NullInt64      `db:"generation"`
	ValidUntil sql.NullTime       `db:"valid_until"`
	CreatedAt  time.Time          `db:"created_at"`
}

func (r *tokenRow) token() (Token, error) {
	token := Token{
		Token:      attribution.Token{ID: r.ID, AccountID: r.AccountID, OfferID: r.OfferID.Int64, Purpose: r.Purpose, ValidUntil: r.ValidUntil.Time},
		Generation: r.Generation.Int64,
		CreatedAt:  r.CreatedAt,
	}
	if copy(token.Digest[:], r.Digest) != len(token.Digest) {
		return Token{}, fmt.Errorf("token %d: its digest is cut short", r.ID)
	}
	return token, nil
}
