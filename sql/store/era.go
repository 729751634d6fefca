package store

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"integr8/pipeline/token"
	sqlfiles "integr8/sql"
	"integr8/sql/store/pg"
)

// The sessions that decide hits plan a statement once, for all ids, and then each run of
// it locks every partition in the plan. With the days of four years that is more than
// the server's lock table can hold. So the text of such a statement contains the bounds
// of an era, and its plan contains only the partitions of that era.
//
// An era is 32 days, counted from 1970. The last completed era, the present
// one and all later ones count as one, because nearly every id belongs there: the
// click of a postback is rarely older than the usual attribution window.
const eraDays = 32

const eraLength = eraDays * oneDay

// The lowest and the highest id, as written in the statements that are narrowed to an
// era.
const (
	lowestIDText  = "00000000-0000-0000-0000-000000000000"
	highestIDText = "ffffffff-ffff-ffff-ffff-ffffffffffff"
)

// eraQueries caches the texts of statements that were narrowed to an era. They are
// few, because there are few eras with data.
var eraQueries sync.Map // of eraKey

// eraKey is a statement and the eras from from up to, but not including, to; 0 means no
// bound. All time before 2020 is one era, because it is one partition.
type eraKey struct {
	name     string
	from, to int64
}

// firstEra is the era of the first daily partition.
var firstEra = eraOf(token.FirstID(firstDay))

func eraOf(id uuid.UUID) int64 {
	return dayOf("", id).Begin.UnixMilli() / eraLength.Milliseconds()
}

func eraBegin(number int64) uuid.UUID {
	return token.FirstID(time.UnixMilli(number * eraLength.Milliseconds()))
}

func compareIDs(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }

// keyOf returns the key of a statement for an id. recent is the first of the eras that
// count as one.
func keyOf(name string, id uuid.UUID, recent int64) eraKey {
	switch era := eraOf(id); {
	case era >= recent:
		return eraKey{name: name, from: recent}
	case era < firstEra:
		return eraKey{name: name, to: firstEra}
	default:
		return eraKey{name: name, from: era, to: era + 1}
	}
}

// inEra returns the text of a statement, narrowed to an era.
func inEra(key eraKey) string {
	if text, ok := eraQueries.Load(key); ok {
		return text.(string)
	}
	text := sqlfiles.Query(key.name).Text
	if key.from > 0 {
		text = strings.ReplaceAll(text, lowestIDText, eraBegin(key.from).String())
	}
	if key.to > 0 {
		last := token.FirstID(time.UnixMilli(key.to*eraLength.Milliseconds() - 1))
		copy(last[6:], bytes.Repeat([]byte{0xff}, len(last)-6))
		text = strings.ReplaceAll(text, highestIDText, last.String())
	}
	eraQueries.Store(key, text)
	return text
}

// selectByEra runs a statement once for each era that the ids belong to,
// in ascending order, and appends the rows to into. The statement's only parameter is
// the array of the ids of that era, in ascending order, without repeats.
func selectByEra[Row any](ctx context.Context, db sqlx.QueryerContext, into *[]Row, name string, ids []uuid.UUID) error {
	slices.SortFunc(ids, compareIDs)
	ids = slices.Compact(ids)
	recent := time.Now().UnixMilli()/eraLength.Milliseconds() - 1
	for len(ids) > 0 {
		key, end := keyOf(name, ids[0], recent), len(ids)
		if key.to > 0 {
			next := eraBegin(key.to)
			end, _ = slices.BinarySearchFunc(ids, next, compareIDs)
		}
		var rows []Row
		if err := sqlx.SelectContext(ctx, db, &rows, inEra(key), pg.IDs(ids[:end])); err != nil {
			return err
		}
		if *into == nil {
			*into = rows
		} else {
			*into = append(*into, rows...)
		}
		ids = ids[end:]
	}
	return nil
}
