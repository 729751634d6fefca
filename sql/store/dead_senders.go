package store

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"integr8/handlers/operate/dead"
	"integr8/pipeline/token"
)

// sendersMemory is the work_mem with which senders are counted.
const sendersMemory = "64MB"

// DeadSenders counts the senders of the dead letters that the filter selects: for each
// reason and each kind of sender the groups with the most letters.
//
// It counts each chosen letter four times in hash tables, and then ranks the groups. The
// planner sorts instead where it expects the tables to outgrow work_mem, which takes more
// than ten times as long; hence sendersMemory. The statement reads dead_letters from end
// to end, because most letters are chosen, and an index for each kind of sender would make
// each death four index entries dearer. Of a million letters from 400,000 networks with
// 100,000 tokens (measured, 2 cores), reading costs Postgres 0.5 s of CPU, grouping the
// newest 100,000 1 s, and grouping all of them 6 s and a gigabyte of memory: so the caller
// bounds how many are grouped, by the time of NthNewestDeath.
func (s *Store) DeadSenders(ctx context.Context, filter dead.Filter, groups int) ([]dead.SenderRow, error) {
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("count senders of dead letters: %w", err)
	}
	defer tx.Rollback() // it only read
	if _, err := execute(ctx, tx, "sessions/give_memory", args{"memory": sendersMemory}); err != nil {
		return nil, fmt.Errorf("count senders of dead letters: %w", err)
	}
	var rows []dead.SenderRow
	if err := selectRows(ctx, tx, &rows, "dead_letters/senders", chosenBy(filter).with(args{"groups": groups})); err != nil {
		return nil, fmt.Errorf("count senders of dead letters: %w", err)
	}
	return rows, nil
}

// NthNewestDeath returns when the letter died that comes behind the newest n of those that
// the filter selects; zero when there are no more than n.
func (s *Store) NthNewestDeath(ctx context.Context, filter dead.Filter, n int) (time.Time, error) {
	var at []time.Time
	if err := selectRows(ctx, s.db, &at, "dead_letters/nth_newest", chosenBy(filter).with(args{"most": n})); err != nil {
		return time.Time{}, fmt.Errorf("look for the newest dead letters: %w", err)
	}
	if len(at) == 0 {
		return time.Time{}, nil
	}
	return at[0], nil
}

// digestOrEmpty returns no bytes for the zero digest.
func digestOrEmpty(digest token.Digest) []byte {
	if digest.IsZero() {
		return nil
	}
	return digest[:]
}

// networkText returns the text of a network, or "" when there is none.
func networkText(network netip.Prefix) string {
	if !network.IsValid() {
		return ""
	}
	return network.String()
}
