// Package alerts watches what accounts earn: a rule says what is unusual for an account or
// its offers, and an alert begins when the roll-ups show it and ends when they no longer
// do. Each begin and end is a notice, sent to the account's webhooks and by e-mail.
//
// The alerts about the system itself are Prometheus's: see the metrics.
package alerts
