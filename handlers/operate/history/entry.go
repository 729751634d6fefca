package history

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Noun is the kind of what was changed, with the name that its command has.
type Noun string

// The nouns.
const (
	Account    Noun = "account"
	Advertiser Noun = "advertiser"
	Publisher  Noun = "publisher"
	Offer      Noun = "offer"
	Domain     Noun = "domain"
	Token      Noun = "token"
	Key        Noun = "key"
	User       Noun = "user"
	Secret     Noun = "secret"
	Retention  Noun = "retention"
	AlertRule  Noun = "alert"
	Webhook    Noun = "webhook"
	// DeadLetters is an act on dead letters, whose id is that of the act.
	DeadLetters Noun = "dead"
	Job         Noun = "job"
	Queue       Noun = "queue"
)

// Nouns lists the nouns in the order of the commands.
func Nouns() []Noun {
	return []Noun{Account, Advertiser, Publisher, Offer, Domain, Token, Key, User, DeadLetters, Job, Queue, Retention, Secret, AlertRule, Webhook}
}

// Act is what was done.
type Act string

// The acts. SetTerms and ClearTerms are of a publisher's own terms for an offer.
const (
	Create     Act = "create"
	Edit       Act = "edit"
	Import     Act = "import"
	SetTerms   Act = "set_terms"
	ClearTerms Act = "clear_terms"
	Retire     Act = "retire"
	Revoke     Act = "revoke"
	Replay     Act = "replay"
	Discard    Act = "discard"
	Undo       Act = "undo"
	Note       Act = "note"
	Cancel     Act = "cancel"
	Pause      Act = "pause"
	Resume     Act = "resume"
)

// Entry is one change. Entries with larger ids were committed later. An act on dead letters
// is one entry, of the moment in which it began to change them.
type Entry struct {
	ID int64     `db:"id" json:"id"`
	At time.Time `db:"at" json:"at"`
	// By is the actor; empty when a program named none.
	By string `db:"actor" json:"by"`
	// AccountID is 0 for what belongs to no account, and for an act on dead letters of
	// any account.
	AccountID int64  `db:"account_id" json:"account_id"`
	Noun      Noun   `db:"noun" json:"noun"`
	ObjectID  string `db:"object_id" json:"object_id"`
	Act       Act    `db:"act" json:"act"`
	// Old and New are JSON objects with the fields that changed, named and written as in
	// the JSON of the object. A field without an old value is left out of Old.
	Old json.RawMessage `db:"old_values" json:"old"`
	New json.RawMessage `db:"new_values" json:"new"`
}

// Difference is a field that changed. Old and New are JSON; nil is no value.
type Difference struct {
	Field    string
	Old, New json.RawMessage
}

// Differences returns the fields that changed, by name. The error is for values of a later
// version, which are no objects.
func (e Entry) Differences() ([]Difference, error) {
	var before, after map[string]json.RawMessage
	if err := errors.Join(json.Unmarshal(e.Old, &before), json.Unmarshal(e.New, &after)); err != nil {
		return nil, fmt.Errorf("read a change: %w", err)
	}
	all := map[string]bool{}
	for name := range before {
		all[name] = true
	}
	for name := range after {
		all[name] = true
	}
	var differences []Difference
	for _, name := range slices.Sorted(maps.Keys(all)) {
		differences = append(differences, Difference{name, before[name], after[name]})
	}
	return differences, nil
}
