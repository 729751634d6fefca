package cli

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/alerts"
)

// TestAnOperatorSaysWhatIsUnusualAndSeesIt with the commands of the README.
func TestAnOperatorSaysWhatIsUnusualAndSeesIt(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	var rule alerts.Rule
	s.answers(&rule, "alert", "create", "--account", fmt.Sprint(s.ID), "--name", "Refusals", "--when", "rejection_rate", "--each-offer")
	require.Equal(t, int64(60), rule.WindowMinutes)
	require.Equal(t, int64(50), rule.Percent)
	s.commandOutput("alert", "silence", "1", "--for", "2h")
	var rules []alerts.Rule
	s.answers(&rules, "alert", "rules")
	require.Len(t, rules, 1)
	require.NotNil(t, rules[0].SilencedUntil)
	s.commandOutput("alert", "silence", "1", "--for", "0s")
	require.Contains(t, s.commandOutput("alert", "edit", "1", "--percent", "20", "--window", "2h", "--name", "Many refusals", "--status", "paused"), "Many refusals")
	require.Contains(t, s.commandOutput("alert", "rules"), "(each)")
	require.NotContains(t, s.commandOutput("alert", "list"), "Refusals")

	var hook, shown alerts.Webhook
	s.answers(&hook, "webhook", "create", "--account", fmt.Sprint(s.ID), "--url", "https://127.0.0.1:1/in")
	require.Regexp(t, `^whsec_`, hook.Secret)
	s.answers(&shown, "webhook", "show", "1")
	require.Equal(t, hook.Secret, shown.Secret)
	require.NotContains(t, s.commandOutput("webhook", "list"), "whsec_")
	code, _, stderr := s.command("webhook", "test", "1")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "INTEGR8_ALERT_PRIVATE")
	s.commandOutput("webhook", "remove", "1")
	history := s.commandOutput("history")
	for _, change := range []string{"alert", "webhook", "percent 50 -> 20", "window_minutes 60 -> 120", `name "Refusals" -> "Many refusals"`} {
		require.Contains(t, history, change)
	}
}

// TestHalfOfTheSettingsOfEMailIsRefused at the start, and no address is repeated.
func TestHalfOfTheSettingsOfEMailIsRefused(t *testing.T) {
	t.Parallel()
	for _, of := range []map[string]string{
		{"INTEGR8_SMTP_URL": "smtp://mail.example"},
		{"INTEGR8_ALERT_TO": "ann@north.example"},
		{"INTEGR8_SMTP_URL": "smtp://u:p4ssw0rd@mail.example", "INTEGR8_ALERT_FROM": "bob@north.example", "INTEGR8_ALERT_TO": "x=ann@north.example"},
	} {
		s := prepareSystem(t)
		for name, value := range of {
			s.variables[name] = value
		}
		code, _, stderr := s.command("web")
		require.Equal(t, exitFailed, code)
		require.Contains(t, stderr, "INTEGR8_SMTP_URL")
		require.NotContains(t, stderr, "@")
		require.NotContains(t, stderr, "p4ssw0rd")
	}
}
