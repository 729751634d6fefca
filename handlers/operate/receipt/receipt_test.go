package receipt_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/receipt"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
)

// recorded has the row of a hit from the nth look on.
type recorded struct {
	row   receipt.Row
	from  int
	looks int
	err   error
}

func (r *recorded) Receipt(context.Context, uuid.UUID) (receipt.Row, bool, error) {
	r.looks++
	return r.row, r.looks >= r.from, r.err
}

const secure = "a token of the sender"

func rowOf(of outcome.Outcome) receipt.Row {
	digest, _ := token.DigestOf(secure).MarshalText()
	return receipt.Row{Outcome: of, TokenDigest: string(digest)}
}

func keysOf(t *testing.T) token.Keys {
	keys, err := token.ParseKeys("a service secret for tests")
	require.NoError(t, err)
	return keys
}

func TestAWaitEndsWithAFinalStateOrWithItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keys, id := keysOf(t), uuid.Must(uuid.NewV7())
		old := uuid.UUID(token.FirstID(time.Now().Add(-time.Hour)))
		signed := receipt.Proof{Signature: keys.SignReceipt(id)}
		byToken := receipt.Proof{Token: secure}
		for name, row := range map[string]struct {
			id    uuid.UUID
			store recorded
			proof receipt.Proof
			state receipt.State
			err   error
			took  time.Duration
		}{
			"at once":                      {id: id, store: recorded{row: rowOf(outcome.Converted)}, proof: signed, state: "converted"},
			"on its way, then converted":   {id: id, store: recorded{row: rowOf(outcome.Converted), from: 4}, proof: signed, state: "converted", took: 600 * time.Millisecond},
			"on its way for longer":        {id: id, store: recorded{from: 1 << 30}, proof: signed, state: "accepted", took: 5 * time.Second},
			"waiting for its click":        {id: id, store: recorded{row: rowOf(outcome.Waiting)}, proof: byToken, state: "waiting", took: 5 * time.Second},
			"by token, on its way":         {id: id, store: recorded{row: rowOf(outcome.Duplicate), from: 3}, proof: byToken, state: "duplicate", took: 400 * time.Millisecond},
			"by token, never":              {id: id, store: recorded{from: 1 << 30}, proof: byToken, err: receipt.ErrUnknown, took: 5 * time.Second},
			"signed, long ago":             {id: old, store: recorded{from: 1 << 30}, proof: receipt.Proof{Signature: keys.SignReceipt(old)}, state: "accepted", took: 5 * time.Second},
			"by token, long ago":           {id: old, store: recorded{from: 1 << 30}, proof: byToken, err: receipt.ErrUnknown},
			"without a proof":              {id: id, store: recorded{row: rowOf(outcome.Converted)}, err: receipt.ErrUnknown},
			"with an outage":               {id: id, store: recorded{err: errors.ErrUnsupported}, proof: signed, err: errors.ErrUnsupported},
			"a hit that carried no token":  {id: old, store: recorded{row: receipt.Row{Outcome: outcome.Converted}}, proof: byToken, err: receipt.ErrUnknown},
			"a signature of another":       {id: old, store: recorded{row: rowOf(outcome.Converted)}, proof: signed, err: receipt.ErrUnknown},
			"a signature and a good token": {id: old, store: recorded{row: rowOf(outcome.Failed)}, proof: receipt.Proof{Signature: "x", Token: secure}, state: "failed"},
		} {
			began := time.Now()
			found, err := receipt.Receipts{Store: &row.store, Keys: keys}.Await(t.Context(), row.id, row.proof, 5*time.Second)
			require.ErrorIs(t, err, row.err, name)
			require.Equal(t, row.state, found.State, name)
			require.Equal(t, name == "signed, long ago", found.Detail != "", name)
			require.Equal(t, row.took, time.Since(began), name)
		}
	})
}
