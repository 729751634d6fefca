package rabbit

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"time"
)

// policy is a RabbitMQ policy: arguments for all queues whose name matches a pattern.
type policy struct {
	Name       string         `json:"name"`
	Pattern    string         `json:"pattern"`
	ApplyTo    string         `json:"apply-to"`
	Priority   int            `json:"priority"`
	Definition map[string]any `json:"definition"`

	kind string // policy or operator policy, as RabbitMQ lists it
}

// Policies returns the effects that the policies on the broker have on the queues of
// the topology. Of the policies that match a queue the broker applies the one with the
// highest priority, and likewise one of the operator policies. A policy whose pattern
// does not compile ends the search; the error names it.
func (t Topology) Policies(ctx context.Context, api *Management) ([]Deviation, error) {
	var found []Deviation
	for _, source := range []struct{ path, kind string }{{"policies", "policy"}, {"operator-policies", "operator policy"}} {
		var policies []policy
		if err := api.get(ctx, source.path, &policies); err != nil {
			return found, fmt.Errorf("read the policies: %w", err)
		}
		slices.SortStableFunc(policies, func(a, b policy) int { return cmp.Compare(b.Priority, a.Priority) })
		for _, spec := range t.specs() {
			for _, one := range policies {
				applies, err := one.appliesTo(spec.name)
				if err != nil {
					return found, err
				}
				if applies {
					one.kind = source.kind
					found = append(found, one.effects(spec)...)
					break
				}
			}
		}
	}
	return found, nil
}

func (p policy) appliesTo(queue string) (bool, error) {
	if p.ApplyTo != "all" && p.ApplyTo != "queues" && p.ApplyTo != "quorum_queues" {
		return false, nil
	}
	pattern, err := regexp.Compile(p.Pattern)
	if err != nil {
		return false, fmt.Errorf("the pattern of policy %q cannot be read: %w", p.Name, err)
	}
	return pattern.MatchString(queue), nil
}

// effects returns the effects of the policy on a queue. RabbitMQ 3.10 was seen to apply
// to a quorum queue the smaller of two limits, the queue's own and the policy's, and
// of two overflows the policy's.
func (p policy) effects(spec queueSpec) []Deviation {
	var found []Deviation
	add := func(loses bool, key, effect string) {
		found = append(found, Deviation{
			Cause:  fmt.Sprintf("%s %q sets %s %s: %s", p.kind, p.Name, key, p.Definition[key], effect),
			Object: spec.name, Loses: loses,
		})
	}
	if ttl, ok := p.below(spec, "message-ttl"); ok {
		add(true, "message-ttl", fmt.Sprintf("hits are taken out of the queue after %s", milliseconds(ttl)))
	}
	if unused, ok := p.number("expires"); ok {
		add(true, "expires", fmt.Sprintf("the queue is deleted with its hits when nothing consumes it for %s", milliseconds(unused)))
	}
	overflow := p.overflow(spec)
	for _, key := range []string{"max-length", "max-length-bytes"} {
		_, limits := p.below(spec, key)
		switch {
		case limits && overflow != rejectPublish:
			add(true, key, "the oldest hits are taken out of the queue when it is full ("+overflow+")")
		case limits:
			add(false, key, "the queue refuses hits when it holds that many, and receivers put them on disk")
		case overflow != rejectPublish && spec.arguments["x-"+key] != nil:
			add(true, "overflow", "the oldest hits are taken out of the queue when it is full")
		}
	}
	if _, ok := p.below(spec, "delivery-limit"); ok {
		_, kept := spec.arguments["x-dead-letter-exchange"]
		add(!kept, "delivery-limit", "hits that come back more often are given up")
	}
	return found
}

// rejectPublish is the overflow with which a full queue loses nothing.
const rejectPublish = "reject-publish"

func (p policy) overflow(spec queueSpec) string {
	own, _ := spec.arguments["x-overflow"].(string)
	overflow, _ := p.Definition["overflow"].(string)
	return cmp.Or(overflow, own, "drop-head")
}

// below returns a limit of the policy, and whether it is smaller than the queue's own or
// the queue has none.
func (p policy) below(spec queueSpec, key string) (int64, bool) {
	limit, ok := p.number(key)
	own, has := spec.arguments["x-"+key].(int64)
	return limit, ok && (!has || limit < own)
}

func (p policy) number(key string) (int64, bool) {
	written, ok := p.Definition[key].(json.Number)
	if !ok {
		return 0, false
	}
	number, err := written.Int64()
	return number, err == nil
}

func milliseconds(n int64) time.Duration { return time.Duration(n) * time.Millisecond }
