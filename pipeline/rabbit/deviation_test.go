package rabbit_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/rabbit"
	"integr8/pipeline/rabbit/rabbittest"
)

// channel opens a channel for changes that a careless operator could make.
func channel(t *testing.T) *amqp.Channel {
	t.Helper()
	conn, err := amqp.Dial(rabbittest.URL(t))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	opened, err := conn.Channel()
	require.NoError(t, err)
	return opened
}

// manage sends a request to the management API and returns nothing but success.
func manage(t *testing.T, method, path, body string) {
	t.Helper()
	uri, err := amqp.ParseURI(rabbittest.URL(t))
	require.NoError(t, err)
	request, err := http.NewRequest(method, fmt.Sprintf("http://%s:%d/api/%s", uri.Host, uri.Port+10000, path), strings.NewReader(body))
	require.NoError(t, err)
	request.SetBasicAuth(uri.Username, uri.Password)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err, "the broker's management API is needed: bin/devstack enables it")
	require.NoError(t, response.Body.Close())
	require.Less(t, response.StatusCode, 300, "%s %s", method, path)
	http.DefaultClient.CloseIdleConnections()
}

func management(t *testing.T, own string) *rabbit.Management {
	t.Helper()
	api, err := rabbit.NewManagement(rabbittest.URL(t), own)
	require.NoError(t, err)
	return api
}

func compared(t *testing.T, topology rabbit.Topology) map[string]rabbit.Deviation {
	t.Helper()
	found, err := topology.Compare(t.Context(), rabbittest.URL(t))
	require.NoError(t, err)
	objects := map[string]rabbit.Deviation{}
	for _, one := range found {
		name := strings.TrimPrefix(one.Object, topology.Prefix)
		require.NotContains(t, objects, name, "one deviation an object")
		objects[name] = one
	}
	return objects
}

func TestCompareNamesEveryArgumentThatDiffersInOneDeviationAQueue(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	require.Empty(t, compared(t, topology), "as it was declared")
	ch := channel(t)
	declareAgain := func(name string, arguments amqp.Table) {
		t.Helper()
		_, err := ch.QueueDelete(topology.Prefix+name, false, false, false)
		require.NoError(t, err)
		_, err = ch.QueueDeclare(topology.Prefix+name, true, false, false, false, arguments)
		require.NoError(t, err)
	}
	declareAgain("postbacks", amqp.Table{"x-queue-type": "classic"})
	declareAgain("retry.30s", amqp.Table{
		"x-queue-type": "quorum", "x-overflow": "reject-publish", "x-max-length-bytes": rabbit.DefaultMaxBytes,
		"x-dead-letter-exchange": topology.Prefix + "hits", "x-dead-letter-strategy": "at-least-once",
	})
	declareAgain("clicks", amqp.Table{
		"x-queue-type": "quorum", "x-overflow": "drop-head", "x-max-length-bytes": int64(1 << 20), "x-delivery-limit": int64(20),
		"x-dead-letter-exchange": "elsewhere", "x-dead-letter-routing-key": "dead",
	})
	declareAgain("dead", amqp.Table{
		"x-queue-type": "quorum", "x-overflow": "reject-publish", "x-max-length-bytes": int64(1 << 20), "x-delivery-limit": int64(1_000_000_000),
	})
	require.NoError(t, ch.ExchangeDelete(topology.Prefix+"retry.1s", false, false))
	require.NoError(t, ch.ExchangeDeclare(topology.Prefix+"retry.1s", amqp.ExchangeDirect, true, false, false, false, nil))
	_, err := ch.QueueDelete(topology.Prefix+"deliveries", false, false, false)
	require.NoError(t, err)

	found := compared(t, topology)
	require.Contains(t, found["postbacks"].Detail, "x-queue-type is classic, and should be quorum")
	require.Equal(t, rabbit.Deviation{
		Cause: rabbit.RedeclaredQueues, Object: topology.Prefix + "retry.30s", Detail: "x-message-ttl is none, and should be 30000", Loses: true,
	}, found["retry.30s"])
	for _, argument := range []string{
		"x-dead-letter-exchange is elsewhere, and should be " + topology.Prefix + "hits", "x-overflow is drop-head, and should be reject-publish",
		"x-dead-letter-strategy is none, and should be at-least-once",
	} {
		require.Contains(t, found["clicks"].Detail, argument)
	}
	require.Equal(t, rabbit.Deviation{
		Cause: "queues have another size than INTEGR8_QUEUE_MAX_BYTES says", Object: topology.Prefix + "dead",
		Detail: fmt.Sprintf("x-max-length-bytes is 1048576, and should be %d", rabbit.DefaultMaxBytes),
	}, found["dead"], "a smaller queue pushes back earlier, and loses nothing")
	require.Equal(t, "type is direct, and should be fanout", found["retry.1s"].Detail)
	require.True(t, found["postbacks"].Loses)
	_, err = ch.QueueDeclarePassive(topology.Prefix+"deliveries", true, false, false, false, nil)
	require.Error(t, err, "what is missing stays missing")
}

func TestMissingBindingsAreNamed(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	api := management(t, "")
	found, err := topology.MissingBindings(t.Context(), api)
	require.NoError(t, err)
	require.Empty(t, found)
	ch := channel(t)
	require.NoError(t, ch.QueueUnbind(topology.Prefix+"clicks", "clicks", topology.Prefix+"hits", nil))
	require.NoError(t, ch.QueueUnbind(topology.Prefix+"retry.5s", "", topology.Prefix+"retry.5s", nil))
	require.NoError(t, ch.QueueBind(topology.Prefix+"clicks", "click", topology.Prefix+"hits", false, nil))
	found, err = topology.MissingBindings(t.Context(), api)
	require.NoError(t, err)
	require.Len(t, found, 2)
	require.Equal(t, topology.Prefix+"clicks", found[0].Object)
	require.Equal(t, topology.Prefix+"retry.5s", found[1].Object)
	require.True(t, found[0].Loses)
}

func TestPoliciesThatTakeHitsAwayAreNamed(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	api := management(t, "")
	set := func(path, queue, definition string, priority int) {
		t.Helper()
		name := url.PathEscape(topology.Prefix + queue + fmt.Sprint(priority))
		pattern := "^" + strings.ReplaceAll(topology.Prefix+queue, ".", "[.]") + "$"
		manage(t, http.MethodPut, path+"/%2F/"+name, fmt.Sprintf(`{"pattern":%q,"definition":%s,"priority":%d,"apply-to":"queues"}`, pattern, definition, priority))
		t.Cleanup(func() { manage(t, http.MethodDelete, path+"/%2F/"+name, "") })
	}
	found, err := topology.Policies(t.Context(), api)
	require.NoError(t, err)
	require.Empty(t, found)

	set("policies", "clicks", `{"message-ttl":60000}`, 1)
	set("policies", "postbacks", `{"max-length":10,"overflow":"drop-head"}`, 1)
	set("policies", "retry.1s", `{"expires":3600000}`, 1)
	set("policies", "retry.5s", `{"message-ttl":5000}`, 1)
	set("policies", "dead", `{"delivery-limit":3}`, 1)
	set("policies", "deliveries", `{"message-ttl":60000}`, 1)
	set("policies", "deliveries", `{"max-length-bytes":1000000000000}`, 2)

	found, err = topology.Policies(t.Context(), api)
	require.NoError(t, err)
	causes := map[string]rabbit.Deviation{}
	for _, one := range found {
		causes[strings.TrimPrefix(one.Object, topology.Prefix)] = one
	}
	require.Len(t, causes, 4, "%v", causes)
	require.Contains(t, causes["clicks"].Cause, "sets message-ttl 60000: hits are taken out of the queue after 1m0s")
	require.True(t, causes["clicks"].Loses)
	require.Contains(t, causes["postbacks"].Cause, "the oldest hits are taken out of the queue")
	require.True(t, causes["postbacks"].Loses, "the policy's overflow prevails")
	require.Contains(t, causes["retry.1s"].Cause, "is deleted with its hits")
	require.Contains(t, causes["dead"].Cause, "given up")
	require.True(t, causes["dead"].Loses, "nothing is behind the dead queue")
}

func TestWithoutTheManagementAPITheErrorSaysWhy(t *testing.T) {
	t.Parallel()
	stranger := httptest.NewServer(http.NotFoundHandler())
	defer stranger.Close()
	for own, cause := range map[string]string{
		"http://127.0.0.1:1":                 "refused",
		stranger.URL:                         "status 404",
		"http://joe:secret-word@127.0.0.1:1": "refused",
	} {
		_, err := rabbit.Topology{}.Policies(t.Context(), management(t, own))
		require.ErrorIs(t, err, rabbit.ErrNoManagement)
		require.ErrorContains(t, err, cause)
		require.NotContains(t, err.Error(), "secret-word")
		_, err = rabbit.Topology{}.MissingBindings(context.Background(), management(t, own))
		require.ErrorIs(t, err, rabbit.ErrNoManagement)
	}
	for _, own := range []string{"nonsense", "ftp://host", "http://", "://", "http://joe:secret-word@h ost"} {
		_, err := rabbit.NewManagement(rabbittest.URL(t), own)
		require.Error(t, err, own)
		require.NotContains(t, err.Error(), "secret-word")
	}
}
