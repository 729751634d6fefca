package cli

import (
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/pipeline/networktest"
	"integr8/pipeline/outcome"
)

// behindProxy has the programs that are started from now on reach a server
// through a proxy, which refuses every connection until it is told otherwise.
func (s *system) behindProxy(variable string) *networktest.Proxy {
	s.t.Helper()
	address, err := url.Parse(s.variables[variable])
	require.NoError(s.t, err)
	proxy, err := networktest.New(address.Host)
	require.NoError(s.t, err)
	s.t.Cleanup(func() { require.NoError(s.t, proxy.Close()) })
	proxy.Refuse()
	address.Host = proxy.Addr()
	s.variables[variable] = address.String()
	return proxy
}

// startDoors starts a command with doors and gives its admin address.
func (s *system) startDoors(command string) (admin string, stop func()) {
	s.t.Helper()
	own, stop := s.launch(command)
	s.base = "http://" + own.listening(s.t, "hits")
	return own.listening(s.t, "admin"), stop
}

// ask gets a page of an admin address.
func (s *system) ask(admin, path string) answer {
	s.t.Helper()
	request, err := http.NewRequest(http.MethodGet, "http://"+admin+path, nil)
	require.NoError(s.t, err)
	return s.send(request)
}

// metric returns a value from /metrics.
func (s *system) metric(admin, name string) string {
	s.t.Helper()
	found := regexp.MustCompile(`(?m)^` + name + ` (\S+)$`).FindStringSubmatch(s.ask(admin, "/metrics").body)
	require.Len(s.t, found, 2, "there is no %s", name)
	return found[1]
}

// sent is what a test sent and what is to come of it.
type sent struct {
	clicks    []string
	converted []string
	duplicate []string
}

// sendSome sends a click with its postback, twice, by pixel, and a clickless
// postback. A pixel does not tell the receipt of its hit in the body.
func (s *system) sendSome(to *sent) {
	s.t.Helper()
	id := s.click("sub_id", "someone@mail.example.com")
	to.clicks = append(to.clicks, id)
	for i, got := range []answer{
		s.get("/postback", "secure", s.Global, "transaction_id", id),
		s.get("/postback", "secure", s.OfferToken, "transaction_id", id),
		s.pixel("secure", s.Global, "transaction_id", id),
		s.get("/clickless", "secure", s.OfferToken, "publisher", number(s.Publisher), "external_transaction_id", uuid.NewString()),
	} {
		require.Equal(s.t, http.StatusOK, got.status, got.body)
		require.NotEmpty(s.t, got.receipt)
		if i == 1 || i == 2 {
			to.duplicate = append(to.duplicate, got.receipt)
		} else {
			to.converted = append(to.converted, got.receipt)
		}
	}
}

// settled waits until everything has come to its end, and checks it. Which of
// the postbacks of one click comes first is nobody's promise.
func (s *system) settled(from sent) {
	s.t.Helper()
	for _, receipt := range append(from.converted, from.duplicate...) {
		s.until(receipt, func(r row) bool {
			return r.Outcome == outcome.Converted || r.Outcome == outcome.Duplicate
		})
	}
	require.Equal(s.t, len(from.clicks), s.count("clicks"))
	require.Equal(s.t, len(from.converted), s.count("conversions"))
	require.Equal(s.t, len(from.converted), s.count("hits WHERE outcome = 'converted' AND kind <> 'click'"))
	require.Equal(s.t, len(from.duplicate), s.count("hits WHERE outcome = 'duplicate'"))
	require.Zero(s.t, s.count("dead_letters"))
	for _, id := range from.clicks {
		require.Equal(s.t, 1, s.count("conversions WHERE transaction_id = $1", id))
	}
}

func TestAReceiverWithoutABrokerTakesEverythingAndAllOfItConvertsOnce(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.startWorker()
	dir := t.TempDir()
	s.variables["INTEGR8_SPOOL_DIR"] = dir
	broker := s.behindProxy("AMQP_URL")

	admin, stop := s.startDoors("receive")
	var all sent
	for range 10 {
		s.sendSome(&all)
	}
	ready := s.ask(admin, "/readyz")
	require.Equal(t, http.StatusOK, ready.status, ready.body)
	require.Regexp(t, `(?m)^hits: broker away, spooling: 50 hits, the oldest \d+s old$`, ready.body)
	require.Equal(t, "50", s.metric(admin, "integr8_spool_hits"))
	require.Equal(t, "50", s.metric(admin, "integr8_spool_appended_total"))
	requireNoSecretIn(t, dir, s.Global, s.OfferToken, "someone@mail.example.com")

	stop()
	require.Contains(t, s.logs.text(), "hits stay in the spool for the next start")
	admin, _ = s.startDoors("receive")
	require.Equal(t, "50", s.metric(admin, "integr8_spool_hits"))
	s.sendSome(&all)

	broker.Pass()
	s.settled(all)
	require.Eventually(t, func() bool { return s.ask(admin, "/readyz").body == "ready\n" }, patience, 10*time.Millisecond)
	require.Equal(t, "0", s.metric(admin, "integr8_spool_hits"))
	require.Equal(t, "55", s.metric(admin, "integr8_spool_drained_total"))
	require.Equal(t, "0", s.metric(admin, "integr8_spool_bytes"))

	// With the broker there, nothing takes the way over the disk.
	s.sendSome(&all)
	s.settled(all)
	require.Equal(t, "5", s.metric(admin, "integr8_spool_appended_total"))
}

func requireNoSecretIn(t *testing.T, dir string, secrets ...string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		for _, secret := range secrets {
			require.NotContains(t, string(data), secret, path)
		}
		return err
	}))
}

func TestABrokerThatComesAndGoesLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.startWorker()
	broker := s.behindProxy("AMQP_URL")
	s.startDoors("receive")
	var all sent
	for _, change := range []func(){broker.Pass, broker.Hang, broker.Pass, broker.Refuse, broker.Pass} {
		change()
		for range 3 {
			s.sendSome(&all)
		}
	}
	s.settled(all)
}

func TestAReceiverStartsFromDiskWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.variables["INTEGR8_SPOOL_DIR"] = t.TempDir()
	_, stop := s.startDoors("receive")
	s.click()
	stop()

	database := s.behindProxy("DATABASE_URL")
	admin, _ := s.startDoors("receive")
	ready := s.ask(admin, "/readyz")
	require.Equal(t, http.StatusOK, ready.status, ready.body)
	require.Regexp(t, `(?m)^reference data: the database is away, this is from disk, as of \d{4}-`, ready.body)
	require.Contains(t, s.logs.text(), "reference data is what was last kept on disk")
	id := s.click()
	receipt := s.get("/", "secure", s.Global, "transaction_id", id).receipt
	require.Equal(t, http.StatusNotFound, s.get("/click", "offer", "999999", "publisher", "1").status)
	leak := s.get("/click", "offer", number(s.Offer), "publisher", number(s.Publisher), "sub_id", s.Global)
	require.NotContains(t, leak.header.Get("Location"), s.Global)

	// What was made meanwhile is known once the database is back.
	added := s.NewOffer(func(*attribution.Offer) {})
	require.Equal(t, http.StatusNotFound, s.get("/click", "offer", number(added), "publisher", number(s.Publisher)).status)
	database.Pass()
	s.clickOn(added)
	require.Eventually(t, func() bool { return s.ask(admin, "/readyz").body == "ready\n" }, patience, 10*time.Millisecond)
	s.startWorker()
	s.becomes(receipt, outcome.Converted)
}

func TestAReceiverStartsWithNeitherServer(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.variables["INTEGR8_SPOOL_DIR"] = t.TempDir()
	_, stop := s.startDoors("receive")
	s.click()
	stop()

	s.startWorker()
	broker := s.behindProxy("AMQP_URL")
	s.behindProxy("DATABASE_URL")
	admin, _ := s.startDoors("receive")
	all := sent{clicks: []string{}}
	s.sendSome(&all)
	ready := s.ask(admin, "/readyz")
	require.Equal(t, http.StatusOK, ready.status, ready.body)
	require.Contains(t, ready.body, "hits: broker away, spooling: ")
	require.Contains(t, ready.body, "from disk")
	broker.Pass()
	for _, receipt := range append(all.converted, all.duplicate...) {
		s.decided(receipt)
	}
}

func TestAReceiverWithNeitherDatabaseNorFileServesNoHits(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	dir := t.TempDir()
	s.variables["INTEGR8_SPOOL_DIR"] = dir
	require.NoError(t, os.WriteFile(filepath.Join(dir, "reference"), []byte("integr8 reference data, format 0, sha256 00\n{}"), 0o600))
	database := s.behindProxy("DATABASE_URL")
	own, _ := s.launch("receive")
	admin := own.listening(t, "admin")
	require.Eventually(t, func() bool { return strings.Contains(own.text(), "another version of integr8 wrote it") }, patience, time.Millisecond)
	ready := s.ask(admin, "/readyz")
	require.Equal(t, http.StatusServiceUnavailable, ready.status)
	require.Contains(t, ready.body, "reference data: not loaded from the database yet")
	require.NotContains(t, own.text(), `"for":"hits"`)

	database.Pass()
	s.base = "http://" + own.listening(t, "hits")
	s.click()
}

func TestUpServesWhileTheDatabaseIsAwayAndWorksWhenItIsBack(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.variables["INTEGR8_SPOOL_DIR"] = t.TempDir()
	_, stop := s.startDoors("up")
	s.click()
	stop()

	database := s.behindProxy("DATABASE_URL")
	admin, _ := s.startDoors("up")
	id := s.click()
	receipt := s.get("/", "secure", s.Global, "transaction_id", id).receipt
	ready := s.ask(admin, "/readyz")
	require.Equal(t, http.StatusOK, ready.status, ready.body)
	require.Contains(t, ready.body, "database: away, hits wait")
	database.Pass()
	s.becomes(receipt, outcome.Converted)
	require.Eventually(t, func() bool { return s.ask(admin, "/readyz").body == "ready\n" }, patience, 10*time.Millisecond)
}

func TestAFullSpoolIsAnswered503AndAClickIsSentOnAllTheSame(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.variables["INTEGR8_SPOOL_MAX_BYTES"] = "8KiB"
	broker := s.behindProxy("AMQP_URL")
	admin, _ := s.startDoors("receive")
	id := s.click()
	var refused answer
	receipts := []string{}
	for refused.status != http.StatusServiceUnavailable {
		refused = s.get("/", "secure", s.Global, "transaction_id", id)
		if refused.receipt != "" {
			receipts = append(receipts, refused.receipt)
		}
	}
	require.NotEmpty(t, refused.header.Get("Retry-After"))
	require.NotEmpty(t, receipts)
	s.click()
	ready := s.ask(admin, "/readyz")
	require.Equal(t, http.StatusServiceUnavailable, ready.status)
	require.Contains(t, ready.body, "hits: the spool is full")

	s.variables["AMQP_URL"] = os.Getenv("AMQP_URL")
	s.startWorker()
	broker.Pass()
	for _, receipt := range receipts {
		s.decided(receipt)
	}
	require.Eventually(t, func() bool { return s.ask(admin, "/readyz").status == http.StatusOK }, patience, 10*time.Millisecond)
	require.Equal(t, http.StatusOK, s.get("/", "secure", s.Global, "transaction_id", id).status)
}

func TestWithoutASpoolNothingGoesToDisk(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.variables["INTEGR8_SPOOL_MAX_BYTES"] = "0"
	s.behindProxy("AMQP_URL")
	s.startDoors("receive")
	id := s.click()
	require.Equal(t, http.StatusServiceUnavailable, s.get("/", "secure", s.Global, "transaction_id", id).status)
}

func TestTwoReceiversShareNoSpool(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.variables["INTEGR8_SPOOL_DIR"] = t.TempDir()
	s.startDoors("receive")
	code, _, stderr := s.command("receive")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "integr8: INTEGR8_SPOOL_DIR (--spool-dir): lock the spool ")
	require.Contains(t, stderr, "another process uses this spool directory")
	require.Contains(t, stderr, "hint: give each receiver of a machine a directory of its own")
}

func TestTheSpoolDirectoryHasADefaultThatDoesNotMove(t *testing.T) {
	t.Parallel()
	own, err := user.Current()
	require.NoError(t, err)
	for name, test := range map[string]struct {
		environment map[string]string
		setting     string
		want        string
	}{
		"named":      {map[string]string{"HOME": "/home/ann"}, "/srv/spool", "/srv/spool"},
		"home":       {map[string]string{"HOME": "/home/ann"}, "", "/home/ann/.local/state/integr8/127.0.0.1_8080"},
		"state home": {map[string]string{"HOME": "/home/ann", "XDG_STATE_HOME": "/state"}, "", "/state/integr8/127.0.0.1_8080"},
		"no HOME":    {map[string]string{}, "", own.HomeDir + "/.local/state/integr8/127.0.0.1_8080"},
	} {
		t.Run(name, func(t *testing.T) {
			a := &invocation{settings: &settings{SpoolDir: test.setting, Addr: "127.0.0.1:8080"}, lookup: func(name string) (string, bool) {
				value, ok := test.environment[name]
				return value, ok
			}}
			dir, err := a.spoolDir()
			require.NoError(t, err)
			require.Equal(t, test.want, dir)
		})
	}
}

func TestAReceiverStartsWhileBothServersHang(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.variables["INTEGR8_SPOOL_DIR"] = t.TempDir()
	_, stop := s.startDoors("receive")
	s.click()
	stop()

	s.startWorker()
	broker, database := s.behindProxy("AMQP_URL"), s.behindProxy("DATABASE_URL")
	broker.Hang()
	database.Hang()
	admin, _ := s.startDoors("receive")
	var all sent
	s.sendSome(&all)
	require.Equal(t, http.StatusOK, s.ask(admin, "/readyz").status)
	broker.Pass()
	database.Pass()
	for _, receipt := range append(all.converted, all.duplicate...) {
		s.decided(receipt)
	}
}
