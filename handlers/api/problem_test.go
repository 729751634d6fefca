package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/lib/pq"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/keys"
	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/report"
	"integr8/handlers/operate/search"
	"integr8/pipeline/failure"
)

func TestEachErrorIsTheProblemThatItsSenderCanUse(t *testing.T) {
	t.Parallel()
	late, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	<-late.Done()
	const inside = "dial tcp 10.1.2.3:5432: password of joe"
	for _, test := range []struct {
		ctx    context.Context
		err    error
		reason Reason
		detail string
	}{
		{nil, &reference.NotFoundError{Object: reference.OfferObject, ID: 3, Account: 7}, notFound, "there is no offer 3"},
		{nil, &reference.NotFoundError{Object: reference.OfferObject, ID: 3}, notFound, "there is no offer 3"},
		{nil, reference.Refuse(reference.ErrNotFound, "no dead letter 1"), notFound, "no dead letter 1"},
		{nil, reference.Refuse(reference.ErrConflict, "there can be only one"), conflict, "there can be only one"},
		{nil, reference.Refuse(reference.ErrInvalid, "the name is empty"), invalid, "the name is empty"},
		{nil, report.By("moon").Check(), invalid, `"moon" is none of`},
		{nil, search.ErrPeriod, invalid, search.ErrPeriod.Error()},
		{nil, fmt.Errorf("read hits: %w", &pq.Error{Code: "22021"}), invalid, "a text holds a NUL"},
		{nil, keys.ErrUnknown, unauthorized, "the key is not known"},
		{nil, failure.Unavailable(errors.New(inside)), unavailable, "cannot be used now"},
		{late, errors.New(inside), unavailable, "took longer than 30s"},
		{nil, errors.New(inside), internal, "failed inside"},
	} {
		var log strings.Builder
		a := &api{Options: Options{Timeout: 30 * time.Second, Logger: slog.New(slog.NewTextHandler(&log, nil))}}
		ctx := test.ctx
		if ctx == nil {
			ctx = t.Context()
		}
		err := failure.WithHint(fmt.Errorf("%w", test.err), "do this")
		got := a.problemOf(ctx, "an-operation", err)
		require.Equal(t, test.reason, got.Reason, "%v", test.err)
		require.Equal(t, statuses[test.reason], got.Status)
		require.Contains(t, got.Detail, test.detail)
		require.NotEmpty(t, got.Hint)
		text, err := json.Marshal(got)
		require.NoError(t, err)
		require.NotContains(t, string(text), "joe", "what is inside stays inside")
		logged := test.reason == unavailable || test.reason == internal
		require.Equal(t, logged, strings.Contains(log.String(), inside), "the log has what nobody is shown")
		require.Equal(t, test.reason == unavailable, got.GetHeaders().Get("Retry-After") != "")
		require.Equal(t, test.reason == unauthorized, got.GetHeaders().Get("WWW-Authenticate") != "")
	}
}

// TestAProblemRepeatsNoValue: what is wrong in a request may be a secret.
func TestAProblemRepeatsNoValue(t *testing.T) {
	t.Parallel()
	err := huma.Error422UnprocessableEntity("validation failed", &huma.ErrorDetail{Message: "expected string", Location: "body.token", Value: "i8t_secret"})
	text, failed := json.Marshal(err)
	require.NoError(t, failed)
	require.Contains(t, string(text), "body.token")
	require.NotContains(t, string(text), "i8t_secret")
	require.Equal(t, http.StatusUnprocessableEntity, err.GetStatus())
}

func TestAKeyMayDoWhatItsRoleSays(t *testing.T) {
	t.Parallel()
	account := int64(7)
	for _, role := range keys.Roles() {
		for _, demanded := range keys.Roles() {
			for _, whole := range []bool{false, true} {
				of := keys.Key{AccountID: &account, Role: role}
				refused := access{demanded, whole}.refuse(of)
				require.Equal(t, role.Includes(demanded) && !whole, refused == nil)
				of.AccountID = nil
				require.Equal(t, role.Includes(demanded), access{demanded, whole}.refuse(of) == nil)
			}
		}
	}
}

// TestAKeyOfAnAccountNeverLeavesIt: least of all by naming no account.
func TestAKeyOfAnAccountNeverLeavesIt(t *testing.T) {
	t.Parallel()
	own, operator := int64(7), context.WithValue(t.Context(), keyOfRequest{}, keys.Key{})
	ctx := context.WithValue(t.Context(), keyOfRequest{}, keys.Key{AccountID: &own})
	for _, test := range []struct {
		ctx         context.Context
		named, want int64
		refused     bool
	}{
		{ctx, 0, 7, false}, {ctx, 7, 7, false}, {ctx, 8, 0, true}, {ctx, -7, 0, true},
		{operator, 0, 0, false}, {operator, 8, 8, false},
		{t.Context(), 0, 0, true}, {t.Context(), 7, 0, true},
	} {
		got, err := Scope{test.named}.account(test.ctx)
		require.Equal(t, test.refused, err != nil)
		require.Equal(t, test.want, got)
	}
}
