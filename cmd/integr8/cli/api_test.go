package cli

import (
	"encoding/json"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"

	"integr8/handlers/api"
)

// operationsOf are the operations of the HTTP API that do what a command on reference data
// does.
var operationsOf = map[string]string{
	"account create": "create-account", "account list": "list-accounts", "account show": "show-account", "account edit": "edit-account",
	"advertiser create": "create-advertiser", "advertiser list": "list-advertisers", "advertiser show": "show-advertiser", "advertiser edit": "edit-advertiser",
	"publisher create": "create-publisher", "publisher list": "list-publishers", "publisher show": "show-publisher", "publisher edit": "edit-publisher",
	"offer create": "create-offer", "offer list": "list-offers", "offer show": "show-offer",
	"offer edit":    "edit-offer set-terms clear-terms switch-unique-orders",
	"domain create": "create-domain", "domain list": "list-domains", "domain show": "show-domain", "domain edit": "edit-domain",
	"token create": "create-token", "token import": "import-token", "token list": "list-tokens show-token", "token edit": "edit-token",
	"token show": "show-token-urls show-current-tokens",
	"key list":   "list-keys", "key revoke": "revoke-key",
	"webhook create": "create-webhook", "webhook list": "list-webhooks", "webhook show": "show-webhook", "webhook remove": "remove-webhook",
	"history": "list-history",
}

// userReason is why users are not of the API: a key, which programs have, would let people in.
const userReason = "a key that somebody has copied could let people in who stay when it is revoked"

// withoutOperation says why a command has none.
var withoutOperation = map[string]string{
	"key create":  "a key that somebody has copied could make others, which outlive it",
	"user create": userReason, "user list": userReason, "user edit": userReason, "user password": userReason, "user link": userReason,
	"user sessions": userReason, "user logout": userReason,
	"webhook test": "it makes the service send a request at once, which is for those at the command line",
}

// TestEveryCommandOnReferenceDataHasAnOperation or a reason why it has none.
func TestEveryCommandOnReferenceDataHasAnOperation(t *testing.T) {
	t.Parallel()
	served := httptest.NewRecorder()
	api.New(api.Options{}).ServeHTTP(served, httptest.NewRequest("GET", api.Path+"/openapi.json", nil))
	var document struct {
		Paths map[string]map[string]struct {
			ID string `json:"operationId"`
		}
	}
	require.NoError(t, json.Unmarshal(served.Body.Bytes(), &document))
	var operations []string
	for _, path := range document.Paths {
		for _, operation := range path {
			operations = append(operations, operation.ID)
		}
	}
	var commands []string
	for _, leaf := range parsedGrammar(t).Leaves(false) {
		command := strings.TrimPrefix(leaf.Path(), "integr8 ")
		if group := groupOf(leaf); group != "reference" && command != "history" {
			continue
		}
		commands = append(commands, command)
		ids := strings.Fields(operationsOf[command])
		require.True(t, len(ids) > 0 != (withoutOperation[command] != ""), "%s: name its operations, or the reason why it has none", command)
		for _, id := range ids {
			require.Contains(t, operations, id, command)
		}
	}
	for command := range operationsOf {
		require.True(t, slices.Contains(commands, command), "there is no %s", command)
	}
}

// groupOf returns the group of a command in the help.
func groupOf(leaf *kong.Node) string {
	for node := leaf; node != nil; node = node.Parent {
		if node.Group != nil {
			return node.Group.Key
		}
	}
	return ""
}
