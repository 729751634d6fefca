package cli

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/doctor"
	"integr8/handlers/operate/queues"
)

// all returns every finding of doctor about a server that is not sound.
func (s *system) all() (findings []doctor.Finding) {
	s.t.Helper()
	_, stdout, stderr := s.command("doctor", "--json")
	require.NoError(s.t, json.Unmarshal([]byte(stdout), &findings), "%s %s", stdout, stderr)
	return findings
}

// TestAnOutageOfPostgresIsOneFinding: that workers hold their hits follows from it.
func TestAnOutageOfPostgresIsOneFinding(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	database := s.behindProxy("DATABASE_URL")
	database.Pass()
	s.startReceiver()
	s.startWorker()
	s.queueBecomes("clicks", "the worker has come", func(q queues.Queue) bool { return q.Consumers == 1 && q.Hint == "" })
	for text, breakDown := range map[string]func(){"Postgres hangs": database.Hang, "reach the database: ": database.Refuse} {
		breakDown()
		s.click()
		s.get("/postback", "secure", s.Global, "transaction_id", s.click())
		for _, topic := range []string{"clicks", "postbacks"} {
			s.queueBecomes(topic, "the worker holds hits", func(q queues.Queue) bool { return q.InFlight > 0 && strings.Contains(q.Hint, "held") })
		}
		var told []doctor.Finding
		for _, found := range s.all() {
			if found.Level != doctor.Note {
				told = append(told, found)
			}
		}
		require.Len(t, told, 1, "%+v", told)
		require.Equal(t, "database", told[0].Check)
		require.Contains(t, told[0].What, text)
		require.LessOrEqual(t, strings.Count(told[0].What, "reach the database: "), 1)
		require.Contains(t, told[0].What, "workers hold the hits of 2 queues meanwhile")
		database.Pass()
		s.queueBecomes("postbacks", "it goes on", func(q queues.Queue) bool { return q.InFlight == 0 && q.Hint == "" })
	}
}

func TestQueuesWithOneCauseAreOneFinding(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	var queues []doctor.Finding
	for _, found := range s.all() {
		if found.Check == "queues" {
			queues = append(queues, found)
		}
	}
	require.Len(t, queues, 1, "%+v", queues)
	require.Equal(t, "2 queues have no worker", queues[0].What)
	require.Len(t, queues[0].Examples, 2)
	require.Equal(t, s.topology.Prefix+"clicks holds 0 hits, 0 hits in flight, and has 0 consumers", queues[0].Examples[0].What)
	require.Equal(t, "no worker is connected: start `integr8 work`", queues[0].Hint)
}
