package cli

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/doctor"
)

func (s *system) declareAgain(ch *amqp.Channel, topic string, arguments amqp.Table) {
	s.t.Helper()
	_, err := ch.QueueDelete(s.topology.Prefix+topic, false, false, false)
	require.NoError(s.t, err)
	_, err = ch.QueueDeclare(s.topology.Prefix+topic, true, false, false, false, arguments)
	require.NoError(s.t, err)
	require.NoError(s.t, ch.QueueBind(s.topology.Prefix+topic, topic, s.topology.Prefix+"hits", false, nil))
}

// setPolicy sets one for a queue, by the management API, until the test ends.
func (s *system) setPolicy(topic, definition string) {
	s.t.Helper()
	uri, err := amqp.ParseURI(s.variables["AMQP_URL"])
	require.NoError(s.t, err)
	name := s.topology.Prefix + topic
	address := managementOf(s.t, s.variables["AMQP_URL"]) + "/api/policies/%2F/" + url.PathEscape(name)
	send := func(method, body string) {
		s.t.Helper()
		request, err := http.NewRequest(method, address, strings.NewReader(body))
		require.NoError(s.t, err)
		request.SetBasicAuth(uri.Username, uri.Password)
		response, err := s.client.Do(request)
		require.NoError(s.t, err, "the broker's management API is needed: bin/devstack enables it")
		require.NoError(s.t, response.Body.Close())
		require.Less(s.t, response.StatusCode, 300)
	}
	send(http.MethodPut, fmt.Sprintf(`{"pattern":"^%s$","definition":%s,"apply-to":"queues"}`, name, definition))
	s.t.Cleanup(func() { send(http.MethodDelete, "") })
}

// managementOf is where the management API of a broker is by default.
func managementOf(t *testing.T, broker string) string {
	t.Helper()
	uri, err := amqp.ParseURI(broker)
	require.NoError(t, err)
	return fmt.Sprintf("http://%s:%d", uri.Host, uri.Port+10000)
}

// about finds the finding of a check whose line holds a text.
func about(t *testing.T, findings map[string][]doctor.Finding, check, text string) doctor.Finding {
	t.Helper()
	for _, found := range findings[check] {
		if strings.Contains(found.What, text) {
			return found
		}
	}
	require.Failf(t, "no such finding", "%s %q among %+v", check, text, findings)
	return doctor.Finding{}
}

func TestDoctorFindsQueuesThatWereDeclaredOtherwise(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	ch := s.channel(t)
	s.declareAgain(ch, "clicks", amqp.Table{"x-queue-type": "classic"})
	s.declareAgain(ch, "postbacks", amqp.Table{"x-queue-type": "classic"})
	s.declareAgain(ch, "retry.2m", amqp.Table{
		"x-queue-type": "quorum", "x-overflow": "reject-publish", "x-max-length-bytes": s.topology.MaxBytes,
		"x-dead-letter-exchange": s.topology.Prefix + "hits", "x-dead-letter-strategy": "at-least-once",
	})
	s.declareAgain(ch, "dead", amqp.Table{
		"x-queue-type": "quorum", "x-overflow": "reject-publish", "x-max-length-bytes": int64(1 << 20), "x-delivery-limit": int64(1_000_000_000),
	})
	code, findings := s.doctor()
	require.Equal(t, exitFailed, code)
	require.Len(t, findings["topology"], 2, "one line for what loses hits, and one for what does not: %+v", findings["topology"])
	losing := about(t, findings, "topology", "queues were declared otherwise")
	require.Equal(t, doctor.Broken, losing.Level)
	require.EqualValues(t, 3, losing.Count)
	require.Contains(t, losing.Examples[0].What, s.topology.Prefix+"clicks: x-dead-letter-exchange is none, ")
	require.Contains(t, losing.Examples[0].What, "; x-queue-type is classic, and should be quorum")
	require.Equal(t, s.topology.Prefix+"retry.2m: x-message-ttl is none, and should be 120000", losing.Examples[2].What)
	smaller := about(t, findings, "topology", "another size")
	require.Equal(t, doctor.Warning, smaller.Level)
	require.Contains(t, smaller.Examples[0].What, s.topology.Prefix+"dead: x-max-length-bytes is 1048576")
}

// TestDoctorFindsARedeclaredQueueOnce: deleting a queue takes its binding along,
// which the same hint mends.
func TestDoctorFindsARedeclaredQueueOnce(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	ch := s.channel(t)
	_, err := ch.QueueDelete(s.topology.Prefix+"postbacks", false, false, false)
	require.NoError(t, err)
	_, err = ch.QueueDeclare(s.topology.Prefix+"postbacks", true, false, false, false, nil)
	require.NoError(t, err)
	_, findings := s.doctor()
	require.Len(t, findings["topology"], 1, "%+v", findings["topology"])
	require.Contains(t, findings["topology"][0].Hint, "integr8 topology")

	_, err = ch.QueueDelete(s.topology.Prefix+"postbacks", false, false, false)
	require.NoError(t, err)
	s.command("topology")
	_, findings = s.doctor()
	require.Empty(t, findings["topology"], "the hint mends it")
}

func TestDoctorFindsAMissingBindingAndAMissingQueue(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	ch := s.channel(t)
	require.NoError(t, ch.QueueUnbind(s.topology.Prefix+"postbacks", "postbacks", s.topology.Prefix+"hits", nil))
	code, findings := s.doctor()
	require.Equal(t, exitFailed, code)
	unbound := about(t, findings, "topology", "bindings are missing")
	require.Equal(t, doctor.Broken, unbound.Level)
	require.Contains(t, unbound.Examples[0].What, s.topology.Prefix+"postbacks: from exchange")
	s.command("topology")
	_, findings = s.doctor()
	require.Empty(t, findings["topology"], "the hint mends it")

	_, err := ch.QueueDelete(s.topology.Prefix+"retry.1s", false, false, false)
	require.NoError(t, err)
	_, findings = s.doctor()
	require.Contains(t, about(t, findings, "topology", "retry.1s is missing").What,
		"not looked at: arguments of queues, bindings and policies, dead-lettering, queue depths")
	require.NoError(t, s.topology.Declare(t.Context(), s.variables["AMQP_URL"]))
}

func TestDoctorFindsPoliciesThatDelete(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.setPolicy("postbacks", `{"message-ttl":60000}`)
	s.setPolicy("retry.10m", `{"expires":3600000}`)
	s.setPolicy("clicks", `{"max-length":1000}`)
	s.setPolicy("deliveries", `{"max-length":2000,"overflow":"drop-head"}`)
	code, findings := s.doctor()
	require.Equal(t, exitFailed, code)
	for text, want := range map[string]struct {
		level doctor.Level
		queue string
	}{
		"sets message-ttl 60000": {doctor.Broken, "postbacks"},
		"sets expires 3600000":   {doctor.Broken, "retry.10m"},
		"sets max-length 1000":   {doctor.Warning, "clicks"},
		"sets max-length 2000":   {doctor.Broken, "deliveries"},
	} {
		found := about(t, findings, "policies", text)
		require.Equal(t, want.level, found.Level, text)
		require.Equal(t, s.topology.Prefix+want.queue, found.Examples[0].What)
	}

	// Without the queue's own argument the policy's word counts.
	ch := s.channel(t)
	s.declareAgain(ch, "clicks", amqp.Table{"x-queue-type": "quorum"})
	_, findings = s.doctor()
	require.Equal(t, doctor.Broken, about(t, findings, "topology", "queues were declared otherwise").Level)
}

func TestDoctorSaysThatItCouldNotLookAtPolicies(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.variables["INTEGR8_MANAGEMENT_URL"] = "http://joe:secret-word@127.0.0.1:1"
	code, stdout, _ := s.command("doctor")
	require.Zero(t, code, stdout)
	require.Regexp(t, `(?m)^note +policies `, stdout)
	require.Contains(t, stdout, "not looked at: bindings and policies of RabbitMQ, because")
	require.Contains(t, stdout, "127.0.0.1:1")
	require.Contains(t, stdout, "INTEGR8_MANAGEMENT_URL")
	require.NotContains(t, stdout, "secret-word")
	s.variables["INTEGR8_MANAGEMENT_URL"] = "nonsense"
	code, findings := s.doctor()
	require.Equal(t, exitFailed, code)
	require.Contains(t, findings["settings"][0].What, "management API")
}
