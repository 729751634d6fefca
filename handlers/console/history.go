package console

import (
	"encoding/json"
	"net/http"
	"strings"

	"integr8/handlers/operate"
	"integr8/handlers/operate/history"
)

// historyShown is a page of who changed what and when.
type historyShown struct {
	Filters []field
	Entries []entryShown
	Next    string
}

// entryShown is a change with the old and the new values beside each other.
type entryShown struct {
	history.Entry
	// To is the page of what was changed; empty where it has none.
	To          string
	Differences []differenceShown
}

type differenceShown struct{ Field, Old, New string }

func (c *Console) historyPage(v *visit) error {
	filter, err := historyFilter(v)
	if err != nil {
		return err
	}
	var behind history.Cursor
	if text := v.query("cursor"); text != "" {
		if err := behind.UnmarshalText([]byte(text)); err != nil {
			return err
		}
	}
	var found []history.Entry
	for entry, err := range c.Histories.List(v.ctx(), filter, behind, rowsAPage+1) {
		if err != nil {
			return err
		}
		found = append(found, entry)
	}
	some := operate.PageOf(found, rowsAPage, func(entry *history.Entry) string { return history.Behind(*entry).String() })
	page := historyShown{Next: v.next(some.Next), Filters: historyFields(v)}
	for _, entry := range some.Items {
		page.Entries = append(page.Entries, entryShown{entry, objectAddress(v, entry), differencesOf(entry)})
	}
	return c.render(v, http.StatusOK, "history", "History", page)
}

func historyFilter(v *visit) (filter history.Filter, err error) {
	filter = history.Filter{Account: v.account(), Noun: history.Noun(v.query("noun")), ObjectID: v.query("id"), By: v.query("by")}
	switch {
	case filter.Noun != "" && !chooses(nounChoices, string(filter.Noun)):
		return filter, &badRequest{"There is no such kind of object."}
	case filter.ObjectID != "" && filter.Noun == "":
		return filter, &badRequest{"Choose what it is too: the numbers of offers, tokens and others are counted apart."}
	}
	if filter.Since, err = v.moment("since"); err != nil {
		return filter, err
	}
	filter.Until, err = v.moment("until")
	return filter, err
}

// nounChoices are what may have changed.
var nounChoices = func() []choice {
	words := map[history.Noun]string{history.DeadLetters: "dead letters", history.AlertRule: "alert rule"}
	choices := []choice{{"", "all"}}
	for _, noun := range history.Nouns() {
		if words[noun] == "" {
			words[noun] = string(noun)
		}
		choices = append(choices, choice{string(noun), words[noun]})
	}
	return choices
}()

func historyFields(v *visit) []field {
	return append(chosenAccount(v),
		field{Name: "noun", Words: "what", Kind: choiceField, Value: v.query("noun"), Choices: nounChoices},
		field{Name: "id", Words: "id", Kind: textField, Value: v.query("id"), Most: 100},
		field{Name: "by", Words: "by", Kind: textField, Value: v.query("by"), Sample: "a part of the name, or =name", Most: 200},
		field{Name: "since", Words: "since", Kind: textField, Value: v.query("since"), Sample: "24h, 2026-01-31", Most: 50},
		field{Name: "until", Words: "until", Kind: textField, Value: v.query("until"), Most: 50})
}

// objectAddress is the page of what was changed; empty where it has none.
func objectAddress(v *visit, entry history.Entry) string {
	for _, one := range []struct {
		noun history.Noun
		of   place
	}{
		{history.Account, accountPlace}, {history.Advertiser, advertiserPlace}, {history.Publisher, publisherPlace}, {history.Offer, offerPlace},
		{history.Domain, domainPlace}, {history.Token, tokenPlace}, {history.Key, keyPlace}, {history.AlertRule, rulePlace},
	} {
		if one.noun == entry.Noun && one.of.sees.allows(v.user) == nil {
			return inAccount(v, one.of.Path+"/"+entry.ObjectID)
		}
	}
	return ""
}

func differencesOf(entry history.Entry) []differenceShown {
	all, err := entry.Differences()
	if err != nil {
		return []differenceShown{{"", string(entry.Old), string(entry.New)}} // of a later version
	}
	shown := make([]differenceShown, len(all))
	for i, one := range all {
		shown[i] = differenceShown{strings.ReplaceAll(one.Field, "_", " "), plain(one.Old), plain(one.New)}
	}
	return shown
}

// plain writes a JSON value for people: a text without its quotes, and a list by comma.
func plain(value json.RawMessage) string {
	var text string
	var list []string
	switch {
	case value == nil:
		return "–"
	case json.Unmarshal(value, &text) == nil:
		return text
	case json.Unmarshal(value, &list) == nil && len(list) == 0:
		return "none"
	case json.Unmarshal(value, &list) == nil:
		return strings.Join(list, ", ")
	default:
		return string(value)
	}
}
