package attribution

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"

	"github.com/google/uuid"

	"integr8/pipeline/token"
)

// dedupKey hashes what may convert only once:
//
//   - with a click: the click and the event, and the order_id if the offer took several
//     conversions a click when that click was made;
//   - without a click: the offer, publisher, external_transaction_id and order_id, if
//     the hit has one of the two ids, and whether it is a test;
//   - otherwise: the hit itself, so that each hit counts and only its repeats do not.
//
// A key with a click or of the hit itself begins with the time of that id. So the index
// stores it beside the other keys of that time, and a trace finds the conversions of a
// click through it. The other 80 bits are a hash: no two keys of the same millisecond
// will ever share those by chance.
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
		fields(sum, c.clickless(), string(numbers), BaseEvent, c.ExternalTransactionID, c.OrderID)
		return uuid.UUID(sum.Sum(nil)[:16])
	default:
		from = c.HitID
		fields(sum, "hit", string(from[:]), BaseEvent)
	}
	key := uuid.UUID(sum.Sum(nil)[:16])
	copy(key[:token.TimeBytes], from[:])
	return key
}

// clickless begins the key of a hit without a click. A test has a key of its own, so that
// it never is what a sale with the same ids repeats.
func (c *Case) clickless() string {
	if c.isTest() {
		return "clickless test"
	}
	return "clickless"
}

// OrderKey hashes an offer and an order_id, as it is stored with a conversion. An offer
// with unique orders converts each such key once, through whichever way in.
func OrderKey(offer int64, order string) uuid.UUID {
	sum := sha256.New()
	fields(sum, "unique order", string(binary.BigEndian.AppendUint64(nil, uint64(offer))), order)
	return uuid.UUID(sum.Sum(nil)[:16])
}

// fields hashes texts with their lengths, so that two different lists of texts never
// hash the same bytes.
func fields(sum hash.Hash, texts ...string) {
	for _, text := range texts {
		sum.Write(binary.AppendUvarint(nil, uint64(len(text))))
		sum.Write([]byte(text))
	}
}
