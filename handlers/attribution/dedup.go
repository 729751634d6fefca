package attribution

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"

	"github.com/google/uuid"
)

// timeBytes is how many leading bytes of a transaction_id or a hit's id are
// its time. A key that begins with them lands beside its neighbours in the
// index, through which a trace finds the conversions of a click; the other 80
// bits are hash, and no two keys of the same millisecond will ever share those
// by chance.
const timeBytes = 6

// dedupKey is what may convert once only:
//
//   - with a click: the click and the event, and where the offer took several
//     conversions a click when that one was made, the order_id;
//   - without one: offer, publisher, external_transaction_id and order_id, if
//     the hit has one of the two;
//   - else the hit itself, so that each counts and only its repeats do not.
func (c *Case) dedupKey() uuid.UUID {
	sum := sha256.New()
	var from uuid.UUID
	switch {
	case c.Click != nil && c.identity().ManyPerClick:
		from = c.Click.TransactionID
		fields(sum, "order", string(from[:]), BaseEvent, c.OrderID)
	case c.Click != nil:
		from = c.Click.TransactionID
		fields(sum, "click", string(from[:]), BaseEvent)
	case c.ExternalTransactionID != "" || c.OrderID != "":
		numbers := binary.BigEndian.AppendUint64(nil, uint64(c.Offer.ID))
		numbers = binary.BigEndian.AppendUint64(numbers, uint64(c.Publisher.ID))
		fields(sum, "clickless", string(numbers), BaseEvent, c.ExternalTransactionID, c.OrderID)
		return uuid.UUID(sum.Sum(nil)[:16])
	default:
		from = c.HitID
		fields(sum, "hit", string(from[:]), BaseEvent)
	}
	key := uuid.UUID(sum.Sum(nil)[:16])
	copy(key[:timeBytes], from[:timeBytes])
	return key
}

// OrderKey is what an offer with unique orders lets convert once, by whatever way
// in: the offer and the order_id, as it is kept with a conversion.
func OrderKey(offer int64, order string) uuid.UUID {
	sum := sha256.New()
	fields(sum, "unique order", string(binary.BigEndian.AppendUint64(nil, uint64(offer))), order)
	return uuid.UUID(sum.Sum(nil)[:16])
}

// fields hashes texts with their lengths, so that no two lists of texts run
// together into the same bytes.
func fields(sum hash.Hash, texts ...string) {
	for _, text := range texts {
		sum.Write(binary.AppendUvarint(nil, uint64(len(text))))
		sum.Write([]byte(text))
	}
}
