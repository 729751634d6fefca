package reference

import (
	"context"
	"fmt"
)

// UniqueOrders says whether an offer pays an order_id only once.
type UniqueOrders string

// The states.
const (
	OrdersRepeat  UniqueOrders = ""        // never switched on
	OrdersFilling UniqueOrders = "filling" // switching on has begun and not ended
	OrdersUnique  UniqueOrders = "on"
	OrdersEnded   UniqueOrders = "off" // switched off
)

// ReadConversions reports progress while past conversions are read: read is how many
// were read since the last call, of the approximate total.
type ReadConversions func(read int, of int64)

// setUniqueOrders switches unique orders on or off. A switch that failed can be run
// again.
func setUniqueOrders(ctx context.Context, store OfferStore, account, offer int64, on bool, progress ReadConversions) error {
	err := store.SetUniqueOrders(ctx, account, offer, on, progress)
	if err != nil && on {
		return fmt.Errorf("%w: orders are not unique yet: run the command again", err)
	}
	return err
}
