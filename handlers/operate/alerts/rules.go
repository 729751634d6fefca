package alerts

import (
	"context"
	"errors"
	"slices"
	"time"

	"integr8/handlers/operate/reference"
)

// RuleStore holds rules. Its errors are reference.NotFoundErrors where there is no such
// account, offer or rule.
type RuleStore interface {
	CreateAlertRule(ctx context.Context, rule NewRule) (Rule, error)
	// AlertRules lists the rules of an account (0: of all), the removed ones too, by id.
	AlertRules(ctx context.Context, account int64) ([]Rule, error)
	// AlertRule returns a rule of an account (0: of any).
	AlertRule(ctx context.Context, account, id int64) (Rule, error)
	// EditAlertRule changes a rule of an account (0: of any). A rule that is no longer
	// active ends its alerts, without a notice.
	EditAlertRule(ctx context.Context, account, id int64, change RuleChange) (Rule, error)
}

// RuleChange is a change of a rule; a nil field changes nothing.
type RuleChange struct {
	Status *Status
	Name   *string
	// Window is counted from the next window that is judged on.
	Window  *time.Duration
	Percent *int64
	Least   *int64
	// SilencedUntil of the zero time ends a silence.
	SilencedUntil *time.Time
}

// Rules are the use cases on rules.
type Rules struct{ Store RuleStore }

// Create adds an active rule.
func (r Rules) Create(ctx context.Context, rule NewRule) (Rule, error) {
	rule, err := rule.complete()
	if err != nil {
		return Rule{}, err
	}
	return r.Store.CreateAlertRule(ctx, rule)
}

// List returns the rules of an account (0: of all), by id, without removed ones.
func (r Rules) List(ctx context.Context, account int64) ([]Rule, error) {
	all, err := r.Store.AlertRules(ctx, account)
	return slices.DeleteFunc(all, func(rule Rule) bool { return rule.Status == Removed }), err
}

// Show returns a rule of an account (0: of any).
func (r Rules) Show(ctx context.Context, account, id int64) (Rule, error) {
	return r.Store.AlertRule(ctx, account, id)
}

// Edit changes a rule of an account (0: of any).
func (r Rules) Edit(ctx context.Context, account, id int64, change RuleChange) (Rule, error) {
	var faults []error
	if change.Name != nil {
		name, err := reference.CleanName(*change.Name)
		change.Name, faults = &name, append(faults, err)
	}
	if change.Window != nil {
		faults = append(faults, checkWindow(*change.Window))
	}
	if change.Percent != nil {
		rule, err := r.Store.AlertRule(ctx, account, id) // whose condition never changes
		if err != nil {
			return Rule{}, err
		}
		faults = append(faults, checkPercent(rule.Condition, *change.Percent))
	}
	if change.Least != nil {
		faults = append(faults, checkLeast(*change.Least))
	}
	if err := errors.Join(faults...); err != nil {
		return Rule{}, err
	}
	return r.Store.EditAlertRule(ctx, account, id, change)
}
