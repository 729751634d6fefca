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

	sqlfiles "integr8/sql"
)

// The sessions that decide hits plan a statement once, for whatever ids come,
// and then each run of it locks every partition that the plan holds. With the
// days of four years that is more than the server's lock table takes. So the
// bounds of an era stand in the text of such a statement, and its plan holds
// the partitions of that era only.
//
// An era is 32 days, counted from 1970. The last one that is over, the present
// one and all that is later count as one, as nearly every id belongs there: the
// click of a postback is rarely older than the usual attribution window.
const eraDays = 32

const eraLength = eraDays * oneDay

// The lowest and the highest id, as the statements name them that are narrowed
// to an era.
const (
	lowestIDText  = "00000000-0000-0000-0000-000000000000"
	highestIDText = "ffffffff-ffff-ffff-ffff-ffffffffffff"
)

// eraQueries are the texts of statements that were narrowed to an era. They are
// few: the eras of which something is kept.
var eraQueries sync.Map // of eraKey

// eraKey names a statement and the eras from from up to to; 0 stands for no
// bound. What is before 2020 is one era, as it is one partition.
type eraKey struct {
	name     string
	from, to int64
}

// firstEra is the first of which more than one day is kept.
var firstEra = eraOf(firstID(firstDay))

func eraOf(id uuid.UUID) int64 {
	return dayOf("", id).Begin.UnixMilli() / eraLength.Milliseconds()
}

func eraBegin(number int64) uuid.UUID {
	return firstID(time.UnixMilli(number * eraLength.Milliseconds()))
}

func compareIDs(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }

// keyOf is the era of an id for a statement, while recent is the first of those
// that count as one.
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

// inEra returns queries/NAME.sql, narrowed to an era.
func inEra(key eraKey) string {
	if text, ok := eraQueries.Load(key); ok {
		return text.(string)
	}
	text := sqlfiles.Query(key.name)
	if key.from > 0 {
		text = strings.ReplaceAll(text, lowestIDText, eraBegin(key.from).String())
	}
	if key.to > 0 {
		last := firstID(time.UnixMilli(key.to*eraLength.Milliseconds() - 1))
		copy(last[6:], bytes.Repeat([]byte{0xff}, len(last)-6))
		text = strings.ReplaceAll(text, highestIDText, last.String())
	}
	eraQueries.Store(key, text)
	return text
}

// selectByEra runs queries/NAME.sql once for each era that the ids belong to,
// in ascending order, and appends the rows to into. Its only parameter are the
// ids of that era, in ascending order, each once.
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
		if err := sqlx.SelectContext(ctx, db, &rows, inEra(key), uuidArray(ids[:end])); err != nil {
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
