package alerts

import (
	"time"

	"integr8/handlers/operate/reference"
)

// RuleForm is a rule to be created, in JSON.
type RuleForm struct {
	Name          string    `json:"name" minLength:"1" maxLength:"200" doc:"The name, for people."`
	Condition     Condition `json:"condition" enum:"rejection_rate,conversion_drop,no_conversions,new_reason" doc:"rejection_rate: so many percent of the postbacks are rejected. conversion_drop: fewer conversions than so many percent of the same time a week earlier. no_conversions: clicks and no conversion. new_reason: rejections for a reason that the week before had none for."`
	Offer         int64     `json:"offer,omitempty" minimum:"1" doc:"Only this offer. Default the sum of all."`
	EachOffer     bool      `json:"each_offer,omitempty" doc:"Each offer for itself."`
	WindowMinutes int64     `json:"window_minutes,omitempty" minimum:"15" maximum:"10080" doc:"How long the time is that is looked at, in quarter hours. Default 60, and 360 for no_conversions."`
	Percent       int64     `json:"percent,omitempty" minimum:"1" maximum:"99" doc:"Percentage of the condition. Default 50."`
	Least         int64     `json:"least,omitempty" minimum:"1" doc:"How much there must be to judge. Default 50 postbacks, 20 conversions a week earlier, 200 clicks, 10 rejections."`
}

// NewRule returns the rule of an account.
func (f RuleForm) NewRule(account int64) NewRule {
	return NewRule{Account: account, Offer: f.Offer, EachOffer: f.EachOffer, Name: f.Name, Condition: f.Condition,
		Window: time.Duration(f.WindowMinutes) * time.Minute, Percent: f.Percent, Least: f.Least}
}

// RuleEditForm is a change of a rule, in JSON; what is left out stays.
type RuleEditForm struct {
	Status        *Status    `json:"status,omitempty" enum:"active,paused,removed" doc:"A rule that is not active ends its alerts; one that is removed is listed no more."`
	Name          *string    `json:"name,omitempty" minLength:"1" maxLength:"200" doc:"The name, for people."`
	WindowMinutes *int64     `json:"window_minutes,omitempty" minimum:"15" maximum:"10080" doc:"How long the time is that is looked at, in quarter hours."`
	Percent       *int64     `json:"percent,omitempty" minimum:"1" maximum:"99" doc:"Percentage of the condition, which not each has."`
	Least         *int64     `json:"least,omitempty" minimum:"1" doc:"How much there must be to judge."`
	SilencedUntil *time.Time `json:"silenced_until,omitempty" doc:"Until when nobody is told of alerts that begin; a time in the past ends a silence."`
}

// Change returns the change. Its errors match reference.ErrInvalid.
func (f RuleEditForm) Change() (RuleChange, error) {
	if f == (RuleEditForm{}) {
		return RuleChange{}, reference.Refuse(reference.ErrInvalid, "nothing to change: say what is to be new")
	}
	change := RuleChange{Status: f.Status, Name: f.Name, Percent: f.Percent, Least: f.Least, SilencedUntil: f.SilencedUntil}
	if f.WindowMinutes != nil {
		change.Window = new(time.Duration(*f.WindowMinutes) * time.Minute)
	}
	return change, nil
}

// WebhookForm is a webhook to be created, in JSON.
type WebhookForm struct {
	URL string `json:"url" minLength:"1" maxLength:"2000" doc:"Where notices are posted: JSON, signed as Standard Webhooks says. It leads to a public address, and holds no user and no password."`
}
