package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/hit"
	"integr8/pipeline/token"
)

// CreateToken adds a token to an account, for one offer, or for all with offer 0, and for
// one way in, or for all with an empty purpose. It increases the
// generation, and calls derive with it to get the token's digest. Concurrent callers get
// different generations.
func (s *Store) CreateToken(ctx context.Context, account, offer int64, purpose hit.Kind, derive func(generation int64) token.Digest) (reference.StoredToken, error) {
	var created reference.StoredToken
	var digest token.Digest
	err := s.recorded(ctx, func(tx *sqlx.Tx) (history.Change, error) {
		// The lock on the account's row also excludes programs of earlier versions.
		var locked int64
		if err := selectRow(ctx, tx, &locked, "accounts/lock_for_tokens", args{"id": account}); err != nil {
			return history.Change{}, err
		}
		var generation int64
		err := selectRow(ctx, tx, &generation, "tokens/next_generation", args{"account_id": account, "offer_id": offer, "purpose": purpose})
		if err != nil {
			return history.Change{}, err
		}
		digest = derive(generation)
		created, err = insertToken(ctx, tx, account, offer, digest, &generation, purpose)
		return history.Of(history.Token, account, created.ID, history.Create, nil, created.Shown()), err
	})
	if err != nil {
		return reference.StoredToken{}, s.tokenNotCreated(ctx, err, account, offer, digest)
	}
	return created, nil
}

// insertToken adds a token; one without a generation is imported. The error is
// sql.ErrNoRows when its account or offer does not exist, or the token does already.
func insertToken(ctx context.Context, tx *sqlx.Tx, account, offer int64, digest token.Digest, generation *int64, purpose hit.Kind) (reference.StoredToken, error) {
	var row tokenRow
	err := selectRow(ctx, tx, &row, "tokens/create", args{
		"account_id": account, "offer_id": offer, "digest": digest[:], "generation": generation, "purpose": purpose,
	})
	if err != nil {
		return reference.StoredToken{}, err
	}
	return row.token()
}

// ImportToken adds a token whose digest alone is known, for one offer, or for all of
// the account with offer 0, and for one way in, or for all with an empty
// purpose. A token can be stored only once.
func (s *Store) ImportToken(ctx context.Context, account, offer int64, purpose hit.Kind, digest token.Digest) (reference.StoredToken, error) {
	var imported reference.StoredToken
	err := s.recorded(ctx, func(tx *sqlx.Tx) (_ history.Change, err error) {
		imported, err = insertToken(ctx, tx, account, offer, digest, nil, purpose)
		return history.Of(history.Token, account, imported.ID, history.Import, nil, imported.Shown()), err
	})
	if err != nil {
		return reference.StoredToken{}, s.tokenNotCreated(ctx, err, account, offer, digest)
	}
	return imported, nil
}

// tokenNotCreated returns the reason why tokens/create inserted no row.
func (s *Store) tokenNotCreated(ctx context.Context, err error, account, offer int64, digest token.Digest) error {
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
		return errors.Join(err, reference.Refuse(reference.ErrConflict, "this token is in use elsewhere: ask for another"))
	}
	return reference.Refuse(reference.ErrConflict, "account %d has this token already, as token %d", account, stored.ID)
}

// Tokens returns the tokens of an account (0: of all) by id.
func (s *Store) Tokens(ctx context.Context, account int64) ([]reference.StoredToken, error) {
	rows, err := listed[tokenRow](ctx, s, "tokens",
		"tokens/list", account)
	if err != nil {
		return nil, err
	}
	tokens := make([]reference.StoredToken, 0, len(rows))
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
func (s *Store) Token(ctx context.Context, account, id int64) (reference.StoredToken, error) {
	token, err := readToken(ctx, s.db, account, id)
	return token, found(err, reference.TokenObject, account, id)
}

// readToken reads one token of an account. The error is sql.ErrNoRows when the account has
// no such token.
func readToken(ctx context.Context, db sqlx.QueryerContext, account, id int64) (reference.StoredToken, error) {
	var row tokenRow
	if err := selectRow(ctx, db, &row, "tokens/show", args{"account_id": account, "id": id}); err != nil {
		return reference.StoredToken{}, err
	}
	return row.token()
}

// EditToken sets the time until which a token is valid; the zero time means for ever.
func (s *Store) EditToken(ctx context.Context, account, id int64, validUntil time.Time) (reference.StoredToken, error) {
	var token reference.StoredToken
	err := s.recorded(ctx, func(tx *sqlx.Tx) (history.Change, error) {
		before, err := readToken(ctx, tx, account, id)
		if err != nil {
			return history.Change{}, err
		}
		var row tokenRow
		err = selectRow(ctx, tx, &row, "tokens/edit", args{
			"account_id":  account,
			"id":          id,
			"valid_until": sql.NullTime{Time: validUntil, Valid: !validUntil.IsZero()},
		})
		if err == nil {
			token, err = row.token()
		}
		return history.Of(history.Token, account, id, history.Edit, before.Shown(), token.Shown()), err
	})
	return token, found(err, reference.TokenObject, account, id)
}

// FindToken is FindTokens for one token. It returns false when there is none.
func (s *Store) FindToken(ctx context.Context, digest token.Digest) (attribution.Token, bool, error) {
	found, err := s.FindTokens(ctx, []token.Digest{digest})
	token, ok := found[digest]
	return token, ok, err
}

type tokenRow struct {
	ID         int64         `db:"id"`
	AccountID  int64         `db:"account_id"`
	OfferID    sql.NullInt64 `db:"offer_id"`
	Purpose    hit.Kind      `db:"purpose"`
	Digest     []byte        `db:"digest"`
	Generation sql.NullInt64 `db:"generation"`
	ValidUntil sql.NullTime  `db:"valid_until"`
	CreatedAt  time.Time     `db:"created_at"`
}

func (r *tokenRow) token() (reference.StoredToken, error) {
	token := reference.StoredToken{
		Token:      attribution.Token{ID: r.ID, AccountID: r.AccountID, OfferID: r.OfferID.Int64, Purpose: r.Purpose, ValidUntil: r.ValidUntil.Time},
		Generation: r.Generation.Int64,
		CreatedAt:  r.CreatedAt,
	}
	if copy(token.Digest[:], r.Digest) != len(token.Digest) {
		return reference.StoredToken{}, fmt.Errorf("token %d: its digest is cut short", r.ID)
	}
	return token, nil
}
