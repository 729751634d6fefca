package history

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// Change is a change that a store has made and records.
type Change struct {
	Noun      Noun
	ObjectID  string
	AccountID int64
	Act       Act
	// Old and New are encoded as JSON objects; nil is an object without fields. What they
	// show is recorded, so that they hold no secret.
	Old, New any
}

// Of returns a change of an object with a number.
func Of(noun Noun, account, id int64, act Act, before, after any) Change {
	return Change{Noun: noun, ObjectID: strconv.FormatInt(id, 10), AccountID: account, Act: act, Old: before, New: after}
}

// Fields are the changed fields of an object by their JSON names.
type Fields map[string]any

// Values returns the fields that differ, as two JSON objects. Null and the empty text are
// no value: a field with neither an old nor a new value is left out, and so is from each
// object what it has no value for. Both objects are empty when nothing changed.
func (c Change) Values() (before, after json.RawMessage, err error) {
	had, err := fieldsOf(c.Old)
	if err != nil {
		return nil, nil, err
	}
	has, err := fieldsOf(c.New)
	if err != nil {
		return nil, nil, err
	}
	for name, value := range had {
		if bytes.Equal(value, has[name]) {
			delete(had, name)
			delete(has, name)
		}
	}
	if before, err = json.Marshal(had); err != nil {
		return nil, nil, fmt.Errorf("encode old values: %w", err)
	}
	if after, err = json.Marshal(has); err != nil {
		return nil, nil, fmt.Errorf("encode new values: %w", err)
	}
	return before, after, nil
}

// fieldsOf returns the fields with a value of what is encoded as a JSON object.
func fieldsOf(object any) (map[string]json.RawMessage, error) {
	fields := map[string]json.RawMessage{}
	if object == nil {
		return fields, nil
	}
	encoded, err := json.Marshal(object)
	if err != nil {
		return nil, fmt.Errorf("encode what changed: %w", err)
	}
	if err := json.Unmarshal(encoded, &fields); err != nil {
		return nil, fmt.Errorf("what changed is no object: %w", err)
	}
	for name, value := range fields {
		if text := string(value); text == "null" || text == `""` {
			delete(fields, name)
		}
	}
	return fields, nil
}
