package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"time"

	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"integr8/handlers/attribution"
	"integr8/pipeline/token"
	"integr8/sql/store"
)

// days is the number of past days with partitions.
const days = 60

// clickDays is the number of days over which the clicks of postbacks are spread, well
// within an offer's attribution window.
const clickDays = 28

const (
	offerCount     = 20
	publisherCount = 10
)

// ground is a database for measurements: an account, daily partitions of two months,
// and clicks that can convert.
type ground struct {
	url  string
	db   *sql.DB
	keys token.Keys
	// stored is how many clicks it holds besides those of a measurement; with 0 a
	// measurement begins without other clicks.
	stored int
	// since is when the present measurement began. Hits that an earlier one left in a
	// queue, because delivery is at least once, do not belong to it.
	since time.Time

	account     int64
	offers      []int64
	publishers  []int64
	global      string
	offerTokens []string // in the order of offers
	// party returns whose click the i-th of a measurement is.
	party func(i int) (account, offer, publisher int64)
}

// newGround makes a database of that name, with the schema and an account.
func newGround(ctx context.Context, server, name string, keys token.Keys) (*ground, error) {
	admin, err := sql.Open("postgres", server)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	_, err = admin.ExecContext(ctx, "CREATE DATABASE "+pq.QuoteIdentifier(name))
	if err := errors.Join(err, admin.Close()); err != nil {
		return nil, fmt.Errorf("make database %s: %w", name, err)
	}
	address, err := url.Parse(server)
	if err != nil {
		return nil, fmt.Errorf("name database %s: %w", name, err)
	}
	address.Path = "/" + name
	g := &ground{url: address.String(), keys: keys}
	g.party = func(i int) (account, offer, publisher int64) {
		return g.account, g.offers[i%offerCount], g.publishers[i%publisherCount]
	}
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

// makePartitions makes partitions for past days, which the store itself never needs to
// make.
func (g *ground) makePartitions(ctx context.Context) error {
	today := time.Now().UTC().Truncate(24 * time.Hour)
	for back := range days {
		day := today.AddDate(0, 0, -back)
		for _, table := range []string{"clicks", "hits"} {
			_, err := g.db.ExecContext(ctx, "SELECT ensure_partition($1, $2, $3, $4)",
				table, table+"_"+day.Format("20060102"), token.FirstID(day), token.FirstID(day.AddDate(0, 0, 1)))
			if err != nil {
				return fmt.Errorf("make a partition of %s: %w", table, err)
			}
		}
	}
	return nil
}

func (g *ground) makeAccount(ctx context.Context, opened *store.Store) error {
	account, err := opened.CreateAccount(ctx, "Bench", "UTC")
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
	secure := ""
	_, err := opened.CreateToken(ctx, g.account, offer, "", func(generation int64) token.Digest {
		secure = g.keys.Token(g.account, offer, generation)
		return token.DigestOf(secure)
	})
	return secure, err
}

// clear empties the tables of a measurement and adds fresh clicks. It returns their
// transaction_ids in the order of their postbacks; party says whose they are.
func (g *ground) clear(ctx context.Context, clicks int) ([]token.TransactionID, error) {
	tables := "hits, conversions, waiting_postbacks, dead_letters"
	if g.stored == 0 {
		tables += ", clicks"
	}
	if _, err := g.db.ExecContext(ctx, "TRUNCATE "+tables+" CASCADE"); err != nil {
		return nil, fmt.Errorf("empty the tables: %w", err)
	}
	ids := make([]token.TransactionID, clicks)
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

// settle brings the database into the state of some time after it was filled: rows
// frozen, statistics taken, everything written out.
func (g *ground) settle(ctx context.Context) error {
	for _, statement := range []string{"VACUUM (FREEZE, ANALYZE) clicks", "ANALYZE hits", "ANALYZE conversions", "CHECKPOINT"} {
		if _, err := g.db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

func (g *ground) copyClicks(ctx context.Context, ids []token.TransactionID) (err error) {
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
		account, offer, publisher := g.party(i)
		_, err := statement.ExecContext(ctx, id.UUID().String(), account, id.UUID().String(), offer, publisher, id.Time(), "summer-campaign")
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

// grow stores clicks that no postback names, evenly over all days. Their ids have the
// right time and are otherwise random; only the doors could distinguish them from
// genuine ones.
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
