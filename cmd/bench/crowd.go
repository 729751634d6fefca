package main

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/lib/pq"

	"integr8/pipeline/token"
)

const (
	crowdOffers     = 20 // of each account; the last one is paused
	crowdPublishers = 50
	// crowdSkew is the exponent of Zipf's law: with 1,000 accounts the first has a fifth of
	// the traffic, and the last hundred have a hundredth.
	crowdSkew = 1.1
)

// crowd is a ground with many accounts, of which few have most of the traffic.
type crowd struct {
	*ground
	members []member
	// draws are what hits are about, over and over.
	draws [1 << 14]draw
}

// member is an account of a crowd.
type member struct {
	account            int64
	offers, publishers []int64
	global             string
	offerTokens        []string // in the order of offers
}

func (m member) domain() string { return fmt.Sprintf("track-%d.example.com", m.account) }

// draw is an account of a crowd with an offer that runs and a publisher, by their places.
type draw struct{ member, offer, publisher int }

// newCrowd makes a database of that name with so many accounts.
func (b *bench) newCrowd(ctx context.Context, name string, accounts int) (*crowd, error) {
	g, err := b.newGround(ctx, name)
	if err != nil {
		return nil, err
	}
	c := &crowd{ground: g}
	if err := c.makeMembers(ctx, accounts); err != nil {
		return nil, fmt.Errorf("make %d accounts: %w", accounts, err)
	}
	c.deal()
	return c, nil
}

// party returns whose click the i-th of a measurement is.
func (c *crowd) party(i int) (account, offer, publisher int64) {
	m, d := c.draw(i)
	return m.account, m.offers[d.offer], m.publishers[d.publisher]
}

// deal makes the draws, the same ones each time.
func (c *crowd) deal() {
	random := rand.New(rand.NewPCG(5, 6))
	zipf := func(n int) *rand.Zipf { return rand.NewZipf(random, crowdSkew, 1, uint64(n-1)) }
	members, offers, publishers := zipf(len(c.members)), zipf(crowdOffers-1), zipf(crowdPublishers)
	for i := range c.draws {
		c.draws[i] = draw{int(members.Uint64()), int(offers.Uint64()), int(publishers.Uint64())}
	}
}

func (c *crowd) makeMembers(ctx context.Context, accounts int) error {
	_, err := c.db.ExecContext(ctx, fmt.Sprintf(`
		WITH a AS (INSERT INTO accounts (name) SELECT 'Member ' || n FROM generate_series(1, %d) AS n RETURNING id),
		d AS (INSERT INTO domains (account_id, host) SELECT id, 'track-' || id || '.example.com' FROM a),
		p AS (INSERT INTO publishers (account_id, name) SELECT id, 'Blog ' || n FROM a, generate_series(1, %d) AS n),
		s AS (INSERT INTO advertisers (account_id, name) SELECT id, 'Shop' FROM a RETURNING account_id, id)
		INSERT INTO offers (account_id, advertiser_id, name, destination, status, currency, payout, revenue)
		SELECT account_id, id, 'Shoes ' || n, 'https://shop.example/shoes?clickid={transaction_id}&s={sub_id}',
			CASE n WHEN %d THEN 'paused' ELSE 'active' END, 'USD', 2.50, 4.00
		FROM s, generate_series(1, %d) AS n ORDER BY account_id, n`, accounts, crowdPublishers, crowdOffers, crowdOffers))
	if err != nil {
		return err
	}
	if err := c.readMembers(ctx); err != nil {
		return err
	}
	return c.makeTokens(ctx)
}

// readMembers reads the accounts behind that of the ground, with what they have.
func (c *crowd) readMembers(ctx context.Context) error {
	found, err := c.db.QueryContext(ctx, `
		SELECT a.id, ARRAY(SELECT id FROM offers WHERE account_id = a.id ORDER BY status, id),
			ARRAY(SELECT id FROM publishers WHERE account_id = a.id ORDER BY id)
		FROM accounts AS a WHERE a.id > $1 ORDER BY a.id`, c.account)
	if err != nil {
		return err
	}
	defer found.Close()
	for found.Next() {
		var m member
		if err := found.Scan(&m.account, (*pq.Int64Array)(&m.offers), (*pq.Int64Array)(&m.publishers)); err != nil {
			return err
		}
		c.members = append(c.members, m)
	}
	return found.Err()
}

// makeTokens makes each account's tokens, and writes them all at once.
func (c *crowd) makeTokens(ctx context.Context) error {
	tx, err := c.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after a commit it has nothing to do
	copying, err := tx.PrepareContext(ctx, "COPY tokens (account_id, offer_id, digest, generation) FROM STDIN")
	if err != nil {
		return err
	}
	write := func(account, offer int64) (secure string, err error) {
		const generation = 1
		secure = c.keys.Token(account, offer, generation)
		var of *int64
		if offer != 0 {
			of = &offer
		}
		digest := token.DigestOf(secure)
		_, err = copying.ExecContext(ctx, account, of, digest[:], generation)
		return secure, err
	}
	for i := range c.members {
		m := &c.members[i]
		if m.global, err = write(m.account, 0); err != nil {
			return err
		}
		for _, offer := range m.offers {
			secure, err := write(m.account, offer)
			if err != nil {
				return err
			}
			m.offerTokens = append(m.offerTokens, secure)
		}
	}
	if _, err := copying.ExecContext(ctx); err != nil {
		return err
	}
	if err := copying.Close(); err != nil {
		return err
	}
	return tx.Commit()
}
