package api

import (
	"context"
	"net/http"
	"time"

	"integr8/handlers/operate/reference"
)

// switchWait is how long a request waits for its switch to end. Where it takes longer, the
// switch goes on, and the response shows the state as it is.
const switchWait = 10 * time.Second

// addUniqueOrders registers the switch of unique orders. It is a path of its own, since
// it takes longer than a request where there are many conversions.
func (a *api) addUniqueOrders() {
	o := editing("switch-unique-orders", http.MethodPut, "/offers/{id}/unique-orders", "Pay each order_id of an offer only once, or no longer")
	o.description = "Switching on reads all conversions, which may go on after the answer: unique_orders_state is filling until it is on. " +
		"Where the server has stopped meanwhile, a worker completes it. " + ifMatchIsVersion
	addWhole(a, o, a.switchUniqueOrders)
}

func (a *api) switchUniqueOrders(ctx context.Context, in *editAsked[reference.UniqueOrdersForm]) (*tagged[reference.Changed[reference.Offer]], error) {
	return edit(ctx, in.ObjectAsked, in.IfMatch, func(ctx context.Context, account int64) (reference.Offer, reference.Warnings, error) {
		return a.Orders.Switch(ctx, account, in.ID, in.Body.On, min(switchWait, a.Timeout/2))
	})
}
