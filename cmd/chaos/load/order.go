package load

import (
	"strconv"
	"time"
)

// order is an order_id of an offer with unique orders that several hits claim: with
// clicks of their own, without a click, over both URL forms. They are due at the same
// moment, so that they go one after the other to receivers in turn, and meet in the
// workers.
type order struct {
	id  string
	due time.Time
	// left is how many more stories will claim it.
	left int
}

// orderOf returns the order that the next story of an offer with unique orders claims.
func (m *mixture) orderOf(offer int64) *order {
	o := m.orders[offer]
	if o == nil || o.left == 0 {
		m.ordered++
		o = &order{id: "U-" + strconv.Itoa(m.ordered), due: m.within(2 * time.Second), left: 2 + m.random.IntN(4)}
		m.orders[offer] = o
	}
	o.left--
	return o
}

// contested returns the reports of an advertiser for a click whose order others claim
// too: one or several with the click, sometimes with another order or none, and often
// also without the click.
func (m *mixture) contested(id string, offer int64) []*step {
	o := m.orderOf(offer)
	steps := []*step{m.claim(id, offer, o.id)}
	if m.chance(300) {
		steps = append(steps, m.claim(id, offer, pick(m, []string{o.id, o.id, "", "U-1", o.id + "-2"})))
	}
	if m.chance(300) {
		steps = append(steps, m.unclickedClaim(offer, o.id))
	}
	for _, s := range steps {
		s.due = o.due
	}
	if m.chance(200) {
		again := m.claim(id, offer, o.id)
		again.due = o.due.Add(time.Duration(m.random.Int64N(int64(6 * time.Second))))
		steps = append(steps, again)
	}
	return steps
}

// claim returns a postback or a pixel for a click with an order.
func (m *mixture) claim(id string, offer int64, order string) *step {
	s := m.forClick(id, offer)
	s.request.Params = append(s.request.Params, pairs("order_id", order)...)
	return s
}
