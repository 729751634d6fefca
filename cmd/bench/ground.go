package main

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/sql/store"
)

// days is for how many days back there are partitions.
const days = 60

// clickDays is over how many days back the clicks are spread that postbacks
// name: all well within an offer's attribution window.
const clickDays = 28

const (
	offerCount     = 20
	publisherCount = 10
)

// ground is a database with what a measurement stands on: an account, daily
// partitions of two months, and clicks that can convert.
type ground struct {
	url  string
	db   *sql.DB
	keys hit.Keys
	// stored is how many clicks lie in it besides those of a measurement; 0
	// lets a measurement begin with no other click.
	stored int
	// since is when the present measurement began. What an earlier one left in
	// a queue, because delivery is at least once, is none of it.
	since time.Time

	account     int64
	offers      []int64
	publishers  []int64
	global      string
	offerTokens []string // in the order of offers
}

// newGround makes a database of that name, with the schema and an account.
func newGround(ctx context.Context, s *stack, name string, keys hit.Keys) (*ground, error) {
	admin, err := sql.Open("postgres", s.databaseURL)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	_, err = admin.ExecContext(ctx, "CREATE DATABASE "+pq.QuoteIdentifier(name))
	if err := errors.Join(err, admin.Close()); err != nil {
		return nil, fmt.Errorf("make database %s: %w", name, err)
	}
	address, err := url.Parse(s.databaseURL)
	if err != nil {
		return nil, fmt.Errorf("name database %s: %w", name, err)
	}
	address.Path = "/" + name
	g := &ground{url: address.String(), keys: keys}
	if g.db, err = sql.Open("postgres", g.url); err != nil {
		return nil, fmt.Errorf("open database %s: %w", name, err)
	}
	opened, err := store.Open(g.url)
	if err != nil {
		return nil, err
	}
	_, err = opened.Migrate(ctx)
	if err == nil {
		err = g.makePartitions(ctx)
	}
	if err == nil {
		err = g.makeAccount(ctx, opened)
	}
	return g, errors.Join(err, opened.Close())
}

func (g *ground) close() error { return g.db.Close() }

// makePartitions makes those of the past, which the store itself never needs
// to make.
func (g *ground) makePartitions(ctx context.Context) error {
	today := time.Now().UTC().Truncate(24 * time.Hour)
	for back := range days {
		day := today.AddDate(0, 0, -back)
		for _, table := range []string{"clicks", "hits"} {
			_, err := g.db.ExecContext(ctx, "SELECT ensure_partition($1, $2, $3, $4)",
				table, table+"_"+day.Format("20060102"), firstID(day), firstID(day.AddDate(0, 0, 1)))
			if err != nil {
				return fmt.Errorf("make a partition of %s: %w", table, err)
			}
		}
	}
	return nil
}

// firstID is the smallest id of a time, as transaction_ids and UUIDv7 begin
// with it.
func firstID(at time.Time) uuid.UUID {
	var id uuid.UUID
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(at.UnixMilli()))
	copy(id[:6], ms[2:])
	return id
}

func (g *ground) makeAccount(ctx context.Context, opened *store.Store) error {
	account, err := opened.CreateAccount(ctx, "Bench")
	if err != nil {
		return err
	}
	g.account = account.ID
	advertiser, err := opened.CreateAdvertiser(ctx, g.account, "Shop")
	if err != nil {
		return err
	}
	for range publisherCount {
		publisher, err := opened.CreatePublisher(ctx, g.account, "Blog")
		if err != nil {
			return err
		}
		g.publishers = append(g.publishers, publisher.ID)
	}
	for range offerCount {
		offer, err := opened.CreateOffer(ctx, attribution.Offer{
			AccountID: g.account, AdvertiserID: advertiser.ID, Name: "Shoes", Currency: "USD",
			Destination: "https://shop.example/shoes?clickid={transaction_id}&s={sub_id}",
			Payout:      attribution.Money{Amount: decimal.RequireFromString("2.50")},
			Revenue:     attribution.Money{Amount: decimal.RequireFromString("4.00")},
		})
		if err != nil {
			return err
		}
		g.offers = append(g.offers, offer.ID)
		token, err := g.makeToken(ctx, opened, offer.ID)
		if err != nil {
			return err
		}
		g.offerTokens = append(g.offerTokens, token)
	}
	g.global, err = g.makeToken(ctx, opened, 0)
	return err
}

func (g *ground) makeToken(ctx context.Context, opened *store.Store, offer int64) (string, error) {
	token := ""
	_, err := opened.CreateToken(ctx, g.account, offer, "", func(generation int64) hit.Digest {
		token = g.keys.Token(g.account, offer, generation)
		return hit.DigestOf(token)
	})
	return token, err
}

// clear empties the tables of a measurement, and adds fresh clicks whose
// transaction_ids it gives in the order of their postbacks. That of index i
// belongs to offer i modulo offerCount.
func (g *ground) clear(ctx context.Context, clicks int) ([]hit.TransactionID, error) {
	tables := "hits, conversions, waiting_postbacks, dead_letters"
	if g.stored == 0 {
		tables += ", clicks"
	}
	if _, err := g.db.ExecContext(ctx, "TRUNCATE "+tables+" CASCADE"); err != nil {
		return nil, fmt.Errorf("empty the tables: %w", err)
	}
	ids := make([]hit.TransactionID, clicks)
	now := time.Now()
	g.since = now
	for i := range ids {
		ids[i] = g.keys.Mint(now.Add(-rand.N(clickDays*24*time.Hour) - time.Minute))
	}
	if err := g.copyClicks(ctx, ids); err != nil {
		return nil, fmt.Errorf("store %d clicks: %w", clicks, err)
	}
	return ids, g.settle(ctx)
}

// settle leaves the database as it is some while after it was filled: rows
// frozen, statistics taken, everything written out.
func (g *ground) settle(ctx context.Context) error {
	for _, statement := range []string{"VACUUM (FREEZE, ANALYZE) clicks", "ANALYZE hits", "ANALYZE conversions", "CHECKPOINT"} {
		if _, err := g.db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

func (g *ground) copyClicks(ctx context.Context, ids []hit.TransactionID) (err error) {
	tx, err := g.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after a commit it has nothing to do
	statement, err := tx.PrepareContext(ctx,
		"COPY clicks (transaction_id, account_id, hit_id, offer_id, publisher_id, clicked_at, sub_id) FROM STDIN")
	if err != nil {
		return err
	}
	for i, id := range ids {
		_, err := statement.ExecContext(ctx, id.UUID().String(), g.account, id.UUID().String(), g.offers[i%offerCount],
			g.publishers[i%publisherCount], id.Time(), "summer-campaign")
		if err != nil {
			return err
		}
	}
	if _, err := statement.ExecContext(ctx); err != nil {
		return err
	}
	if err := statement.Close(); err != nil {
		return err
	}
	return tx.Commit()
}

// grow stores clicks that nobody will ask for, evenly over all days. Their
// ids are of the right time and otherwise random, which only the doors can
// tell from real ones.
func (g *ground) grow(ctx context.Context, clicks int) error {
	today := time.Now().UTC().Truncate(24 * time.Hour)
	perDay := clicks / days
	for back := range days {
		day := today.AddDate(0, 0, -back)
		_, err := g.db.ExecContext(ctx, fmt.Sprintf(`
			INSERT INTO clicks (transaction_id, account_id, hit_id, offer_id, publisher_id, clicked_at, sub_id)
			SELECT (lpad(to_hex(ms), 12, '0') || substr(md5(random()::text), 1, 20))::uuid, $1, gen_random_uuid(),
				$2 + n %% %d, $3 + n %% %d, to_timestamp(ms / 1000.0), 'summer-campaign'
			FROM (SELECT n, $4::bigint + n * 86400000::bigint / $5::bigint AS ms FROM generate_series(0, $5::int - 1) n) AS moments`,
			offerCount, publisherCount), g.account, g.offers[0], g.publishers[0], day.UnixMilli(), perDay)
		if err != nil {
			return fmt.Errorf("store clicks of %s: %w", day.Format(time.DateOnly), err)
		}
	}
	g.stored += perDay * days
	return g.settle(ctx)
}
