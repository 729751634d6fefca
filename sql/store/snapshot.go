package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/secrets"
)

// LoadSnapshot reads all reference data in one snapshot of the database.
func (s *Store) LoadSnapshot(ctx context.Context) (*attribution.Snapshot, error) {
	loaded, err := s.loadChanges(ctx, new(attribution.Snapshot), nil, func(int) {})
	if err != nil {
		return nil, err
	}
	return loaded.snapshot, nil
}

// loading is a snapshot with what a later load continues from.
type loading struct {
	snapshot *attribution.Snapshot
	cursor   *cursor
	// news are the objects that were loaded because they changed. whole is set when all
	// were loaded, so that others may be gone.
	news  *attribution.Batch
	whole bool
	// makeRoom is told the bytes of both snapshots while all is loaded.
	makeRoom func(bytes int)
	before   int // the bytes of the snapshot before
}

// cursor is a place in the changes of reference data: a row of the history, whose ids
// ascend in the order of the commits, and the revision of changes that have none.
type cursor struct {
	id       int64
	at       time.Time
	revision uuid.UUID
}

// stateRow is a row of queries/snapshots/state.sql.
type stateRow struct {
	LoadedAt         time.Time     `db:"loaded_at"`
	Revision         uuid.UUID     `db:"revision"`
	LastID           int64         `db:"last_id"`
	LastAt           sql.NullTime  `db:"last_at"`
	CursorAt         sql.NullTime  `db:"cursor_at"`
	DroppedClickDays pq.Int64Array `db:"dropped_click_days"`
}

// continues reports whether the history leads from the cursor to this state. It does not
// after a change that is not in it, or when the row of the cursor is gone or is another:
// a standby without the last commits, or an older backup, has taken the server's place.
func (r *stateRow) continues(from *cursor) bool {
	return from != nil && r.Revision == from.revision && r.LastID >= from.id &&
		(from.id == 0 || r.CursorAt.Valid && r.CursorAt.Time.Equal(from.at))
}

// loadChanges returns the present snapshot, read in one snapshot of the database. It
// shares with before what has not changed. It reads what the history says has changed
// since the cursor of before; without a cursor, or in doubt, it reads everything.
func (s *Store) loadChanges(ctx context.Context, before *attribution.Snapshot, since *cursor, makeRoom func(bytes int)) (*loading, error) {
	loaded := &loading{snapshot: before, news: new(attribution.Batch), makeRoom: makeRoom, before: before.Bytes()}
	err := s.load(ctx, loaded, since)
	if err != nil {
		return nil, fmt.Errorf("load reference data: %w", err)
	}
	return loaded, nil
}

func (s *Store) load(ctx context.Context, loaded *loading, since *cursor) error {
	identityKnown, err := identityKnownUntil(ctx, s.db)
	if err != nil {
		return err
	}
	before := loaded.snapshot
	if since != nil { // most looks find nothing, and need no transaction
		leads, err := loaded.readState(ctx, s.db, identityKnown, since)
		if err != nil || leads && loaded.cursor.id == since.id {
			return err
		}
	}
	tx, err := s.db.BeginTxx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return err
	}
	defer tx.Rollback() // nothing was written
	complete, err := loaded.readState(ctx, tx, identityKnown, since)
	if err == nil && complete {
		complete, err = loaded.readChanges(ctx, tx, since.id)
	}
	if err == nil && !complete {
		err = loaded.readAll(ctx, tx, before)
	}
	return err
}

// readState reads the moment and the cursor of the present state, and reports whether the
// history leads to it from the cursor since.
func (l *loading) readState(ctx context.Context, db sqlx.QueryerContext, identityKnown time.Time, since *cursor) (leads bool, err error) {
	var from int64
	if since != nil {
		from = since.id
	}
	var state stateRow
	if err := selectRow(ctx, db, &state, "snapshots/state", args{"cursor_id": from}); err != nil {
		return false, err
	}
	var known []secrets.Secret
	if err := selectRows(ctx, db, &known, "secrets/list", nil); err != nil {
		return false, err
	}
	l.cursor = &cursor{state.LastID, state.LastAt.Time, state.Revision}
	l.snapshot = l.snapshot.At(attribution.Moment{
		LoadedAt: state.LoadedAt, IdentityKnownUntil: identityKnown,
		Secrets: secrets.Known(known), DroppedClickDays: state.DroppedClickDays,
	})
	return state.continues(since), nil
}

// pageRows is how many rows are in memory at once.
const pageRows = 5000

// readAll reads everything. What has not changed since before is shared with it.
func (l *loading) readAll(ctx context.Context, tx *sqlx.Tx, before *attribution.Snapshot) error {
	moment := l.snapshot.Moment
	if _, err := execute(ctx, tx, "snapshots/read_by_index", nil); err != nil {
		return err
	}
	l.whole, l.news, l.snapshot = true, nil, before
	read, err := l.readTables(ctx, tx)
	if err == nil && l.snapshot.Sizes() != read {
		// Some are gone. It happens after a deletion by hand.
		l.snapshot = attribution.Sized(read)
		_, err = l.readTables(ctx, tx)
	}
	l.snapshot = l.snapshot.At(moment)
	return err
}

// readTables adds all rows to the snapshot, and returns how many there are.
func (l *loading) readTables(ctx context.Context, tx *sqlx.Tx) (read attribution.Sizes, err error) {
	if read.Offers, err = readPages(ctx, tx, l, "snapshots/offers", addOffer); err != nil {
		return read, err
	}
	if read.Publishers, err = readPages(ctx, tx, l, "snapshots/publishers", addPublisher); err != nil {
		return read, err
	}
	if read.Tokens, err = readPages(ctx, tx, l, "snapshots/tokens", addToken); err != nil {
		return read, err
	}
	// They are few, and in one batch, because a host may have moved from one to another.
	var domains []reference.Domain
	if err := selectRows(ctx, tx, &domains, "snapshots/domains", nil); err != nil {
		return read, err
	}
	read.Domains = len(domains)
	batch := new(attribution.Batch)
	for i := range domains {
		if _, err := addDomain(batch, &domains[i]); err != nil {
			return read, err
		}
	}
	l.add(batch)
	return read, nil
}

func (l *loading) add(batch *attribution.Batch) {
	if news := l.snapshot.News(batch); !news.IsEmpty() {
		l.snapshot = l.snapshot.With(news)
		l.makeRoom(l.before + l.snapshot.Bytes())
	}
}

// readPages adds the rows of a table page by page, so that no statement takes long, and
// returns how many they are.
func readPages[Row any](ctx context.Context, tx *sqlx.Tx, l *loading, name string, add func(*attribution.Batch, *Row) (attribution.PartyID, error)) (read int, err error) {
	var after attribution.PartyID
	rows := make([]Row, 0, pageRows)
	for {
		rows = slices.Delete(rows, 0, len(rows))
		err := selectRows(ctx, tx, &rows, name, args{"after_account": after.AccountID, "after_id": after.ID, "page": pageRows})
		if err != nil {
			return read, err
		}
		batch := new(attribution.Batch)
		for i := range rows {
			if after, err = add(batch, &rows[i]); err != nil {
				return read, err
			}
		}
		l.add(batch)
		if read += len(rows); len(rows) < pageRows {
			return read, nil
		}
	}
}

func addOffer(to *attribution.Batch, row *offerRow) (attribution.PartyID, error) {
	offer, err := row.offer()
	if err != nil {
		return attribution.PartyID{}, err
	}
	to.AddOffer(&offer.Offer)
	return attribution.PartyID{AccountID: offer.AccountID, ID: offer.ID}, nil
}

func addPublisher(to *attribution.Batch, row *reference.Publisher) (attribution.PartyID, error) {
	publisher := rulesOf(row)
	to.AddPublisher(&publisher)
	return attribution.PartyID{AccountID: row.AccountID, ID: row.ID}, nil
}

func addToken(to *attribution.Batch, row *tokenRow) (attribution.PartyID, error) {
	token, err := row.token()
	if err != nil {
		return attribution.PartyID{}, err
	}
	to.AddToken(token.Digest, &token.Token, !row.Generation.Valid)
	return attribution.PartyID{AccountID: row.AccountID, ID: row.ID}, nil
}

func addDomain(to *attribution.Batch, row *reference.Domain) (attribution.PartyID, error) {
	to.AddDomain(&attribution.Domain{ID: row.ID, AccountID: row.AccountID, Host: row.Host})
	return attribution.PartyID{AccountID: row.AccountID, ID: row.ID}, nil
}
