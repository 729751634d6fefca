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
)

// channel opens one for what a careless person does to the broker.
func channel(t *testing.T) *amqp.Channel {
	t.Helper()
	conn, err := amqp.Dial(brokerURL(t))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	opened, err := conn.Channel()
	require.NoError(t, err)
	return opened
}

// manage sends a request to the management API and returns nothing but success.
func manage(t *testing.T, method, path, body string) {
	t.Helper()
	uri, err := amqp.ParseURI(brokerURL(t))
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
	api, err := rabbit.NewManagement(brokerURL(t), own)
	require.NoError(t, err)
	return api
}

func compared(t *testing.T, topology rabbit.Topology) map[string]rabbit.Deviation {
	t.Helper()
	found, err := topology.Compare(t.Context(), brokerURL(t))
	require.NoError(t, err)
	objects := map[string]rabbit.Deviation{}
	for _, one := range found {
		objects[strings.TrimPrefix(one.Object, topology.Prefix)+" "+one.Cause[strings.LastIndex(one.Cause, " ")+1:]] = one
	}
	return objects
}

func TestCompareNamesEveryArgumentThatDiffers(t *testing.T) {
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
	require.Equal(t, "classic, and it should be quorum", found["postbacks x-queue-type"].Detail)
	require.Equal(t, "none, and it should be 30000", found["retry.30s x-message-ttl"].Detail)
	require.Equal(t, "elsewhere, and it should be "+topology.Prefix+"hits", found["clicks x-dead-letter-exchange"].Detail)
	require.Contains(t, found, "clicks x-overflow")
	require.Equal(t, rabbit.Deviation{
		Cause: "queues were declared with another x-max-length-bytes", Object: topology.Prefix + "dead",
		Detail: fmt.Sprintf("1048576, and it should be %d", rabbit.DefaultMaxBytes),
	}, found["dead x-max-length-bytes"], "a smaller queue pushes back earlier, and loses nothing")
	require.Equal(t, "direct, and it should be fanout", found["retry.1s type"].Detail)
	require.True(t, found["postbacks x-queue-type"].Loses)
	_, err = ch.QueueDeclarePassive(topology.Prefix+"deliveries", true, false, false, false, nil)
	require.Error(t, err, "what is missing stays missing")
}

func TestMissingBindingsAreNamed(t *testing.T) {
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

func TestWithoutTheManagementAPIItIsSaidWhy(t *testing.T) {
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
		_, err := rabbit.NewManagement(brokerURL(t), own)
		require.Error(t, err, own)
		require.NotContains(t, err.Error(), "secret-word")
	}
}
