package app

import (
	"context"
	"errors"
	"time"

	"integr8/handlers/notify"
	"integr8/handlers/operate/alerts"
	"integr8/sql/store"
)

// Alerts are the options of the notices of alerts.
type Alerts struct {
	// MailServer is smtp://user:password@host:587 or smtps://user:password@host:465; empty
	// for no e-mail. MailFrom is the sender, MailTo are the recipients: see notify.NewMail.
	MailServer, MailFrom string
	MailTo               []string
	// PrivateWebhooks allows webhooks at addresses that are not public.
	PrivateWebhooks bool
}

// Check returns an error when notices cannot be sent like that. It repeats no address.
func (a Alerts) Check() error {
	if a.MailServer == "" && (a.MailFrom != "" || len(a.MailTo) > 0) {
		return errors.New("e-mail needs a mail server")
	}
	_, err := a.mail()
	return err
}

// mail returns the sender of e-mail, nil where none is set.
func (a Alerts) mail() (*notify.Mail, error) {
	if a.MailServer == "" {
		return nil, nil
	}
	return notify.NewMail(a.MailServer, a.MailFrom, a.MailTo)
}

const (
	// alertInterval is how soon a window is judged after it has settled, and how soon a
	// notice is tried again.
	alertInterval = 15 * time.Second
	// alertTime bounds a round. What is left goes on in the next.
	alertTime = 5 * time.Minute
)

// addAlerts has the process judge the rules of alerts and send the notices. Any number of
// processes may do so: each window is judged once, and each notice taken by one of them.
func (p *process) addAlerts(db *store.Store) error {
	options := p.options.Web.Alerts
	mail, err := options.mail()
	if err != nil {
		return err
	}
	watch := alerts.Watch{Store: db, Mail: func(int64) bool { return false }}
	outbox := alerts.Outbox{Store: db, Webhooks: notify.NewWebhooks(p.options.Keys, options.PrivateWebhooks)}
	if mail != nil {
		watch.Mail, outbox.Mail = mail.Reaches, mail
	}
	p.add(component{name: "alerts", run: func(ctx context.Context) error {
		keeping := rounds{logger: p.logger, what: "watching for alerts", interval: alertInterval}
		keeping.run(ctx, func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, alertTime)
			defer cancel()
			now, err := db.Now(ctx)
			if err != nil {
				return err
			}
			return errors.Join(watch.Round(ctx, now), outbox.Round(ctx))
		})
		return nil
	}})
	return nil
}
