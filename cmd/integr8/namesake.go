package main

import (
	"context"
	"fmt"
	"strings"

	"integr8/sql/store"
)

// warnOfNamesakes warns where others of the account have the same name. It is
// allowed: the number says which is meant.
func (a *app) warnOfNamesakes(ctx context.Context, db *store.Store, object store.Object, id int64, name string) {
	ids, err := db.Namesakes(ctx, object, id)
	switch {
	case err != nil:
		a.warn("%s %d is stored, but whether others have its name is not known: %v", object, id, a.redact(err))
	case len(ids) == 1:
		a.warn("%s %d has the name %q too: tell them apart by number, or rename one with integr8 %s edit ID --name NAME",
			object, ids[0], name, object)
	case len(ids) > 1:
		numbers := strings.Trim(strings.ReplaceAll(fmt.Sprint(ids), " ", ", "), "[]")
		a.warn("%ss %s have the name %q too: tell them apart by number, or rename them with integr8 %s edit ID --name NAME",
			object, numbers, name, object)
	}
}
