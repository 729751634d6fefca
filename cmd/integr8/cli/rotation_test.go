package cli

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/secrets"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
)

// The service secrets between which tests change.
const (
	currentSecret = "the service secret in use until now"
	newSecret     = "the service secret that comes next"
)

// printOf returns a secret's fingerprint.
func printOf(t *testing.T, secret string) string {
	t.Helper()
	keys, err := token.ParseKeys(secret)
	require.NoError(t, err)
	return string(keys.Fingerprints()[0])
}

// prepareRotation makes a system whose processes have the current secret.
func prepareRotation(t *testing.T) *system {
	t.Helper()
	s := prepareSystem(t)
	s.variables["INTEGR8_SECRET"] = currentSecret
	return s
}

// node is a receiver with an address of its own.
type node struct {
	s           *system
	base, admin string
	stop        func()
}

// receiver starts a receiver with these secrets.
func (s *system) receiver(secrets ...string) *node {
	s.t.Helper()
	s.variables["INTEGR8_SECRET"] = strings.Join(secrets, ",")
	own, stop := s.launch("receive")
	n := &node{s: s, stop: stop, base: "http://" + own.listening(s.t, "hits"), admin: own.listening(s.t, "admin")}
	s.base = n.base
	return n
}

// worker starts a worker with these secrets.
func (s *system) worker(secrets ...string) (stop func()) {
	s.t.Helper()
	s.variables["INTEGR8_SECRET"] = strings.Join(secrets, ",")
	return s.startWorker()
}

func (n *node) click() string {
	n.s.base = n.base
	return n.s.click()
}

func (n *node) postback(id string) answer {
	n.s.base = n.base
	return n.s.get("/postback", "secure", n.s.Global, "transaction_id", id)
}

func (n *node) becomesReady(want bool, says string) {
	n.s.t.Helper()
	status := map[bool]int{true: http.StatusOK, false: http.StatusServiceUnavailable}[want]
	require.Eventually(n.s.t, func() bool {
		got := n.s.ask(n.admin, "/readyz")
		return got.status == status && strings.Contains(got.body, says)
	}, patience, 10*time.Millisecond, "%s", n.s.logs.text())
}

func TestARotationInTwoPhasesRefusesNoGenuineID(t *testing.T) {
	t.Parallel()
	s := prepareRotation(t)
	nodes := []*node{s.receiver(currentSecret), s.receiver(currentSecret)}
	s.worker(currentSecret)
	ids := []string{nodes[0].click()}
	all := func() {
		t.Helper()
		for _, n := range nodes {
			ids = append(ids, n.click())
			n.becomesReady(true, "ready")
		}
		for _, n := range nodes {
			for _, id := range ids {
				require.Equal(t, http.StatusOK, n.postback(id).status)
			}
		}
	}
	for _, secrets := range [][]string{{currentSecret, newSecret}, {newSecret, currentSecret}} {
		for i := range nodes {
			all()
			nodes[i].stop()
			nodes[i] = s.receiver(secrets...)
		}
	}
	all()
	newest := keysOf(t, newSecret)
	_, err := newest.Verify(ids[len(ids)-1])
	require.NoError(t, err, "the new secret signs at the end")
}

func keysOf(t *testing.T, secrets string) token.Keys {
	t.Helper()
	keys, err := token.ParseKeys(secrets)
	require.NoError(t, err)
	return keys
}

func TestAReceiverWithANewSecretAloneIsNotReadyAndOpensNoDoors(t *testing.T) {
	t.Parallel()
	s := prepareRotation(t)
	good := s.receiver(currentSecret)
	s.variables["INTEGR8_SECRET"] = newSecret
	own, stop := s.launch("receive")
	wrong := &node{s: s, admin: own.listening(t, "admin"), stop: stop}
	wrong.becomesReady(false, "secrets: INTEGR8_SECRET lacks the secret "+printOf(t, currentSecret))
	wrong.becomesReady(false, "INTEGR8_SECRET=CURRENT,NEW")
	require.Eventually(t, func() bool { return strings.Contains(own.text(), "not ready: the service secrets") }, patience, 5*time.Millisecond)
	require.NotContains(t, own.text(), `"for":"hits"`, "it signs nothing that nobody else can verify")
	require.Equal(t, 1, s.count("service_secrets"), "nor does it make its secret known")
	require.NotContains(t, own.text(), newSecret)

	code, findings := s.doctor()
	require.Equal(t, exitFailed, code)
	require.Len(t, findings["secrets"], 2, "%v", findings) // it made no token either
	require.Contains(t, findings["secrets"][1].What, printOf(t, currentSecret))

	// The other one is not disturbed, and the wrong one is mended.
	good.becomesReady(true, "ready")
	id := good.click()
	wrong.stop()
	mended := s.receiver(currentSecret, newSecret)
	require.Equal(t, http.StatusOK, mended.postback(id).status)
}

// TestAGenuineIDThatAReceiverCannotVerifyConvertsOnce skips the first phase:
// one receiver signs with a secret that the other lacks, and knows that it does.
func TestAGenuineIDThatAReceiverCannotVerifyConvertsOnce(t *testing.T) {
	t.Parallel()
	s := prepareRotation(t)
	old := s.receiver(currentSecret)
	stopWorker := s.worker(currentSecret)
	hasty := s.receiver(newSecret, currentSecret)
	old.becomesReady(false, "lacks the secret "+printOf(t, newSecret))

	id := hasty.click()
	refused := old.postback(id)
	require.Equal(t, http.StatusOK, refused.status, refused.body)
	found := s.decided(refused.receipt)
	require.Equal(t, outcome.UnverifiedTransactionID, found.Reason, "the worker lacks the secret too")
	require.Contains(t, found.Reason.Hint(), "INTEGR8_SECRET")

	stopWorker()
	s.worker(newSecret, currentSecret)
	other := hasty.click()
	again := old.postback(other)
	require.Equal(t, http.StatusOK, again.status)
	s.becomes(again.receipt, outcome.Converted)
	s.becomes(hasty.postback(other).receipt, outcome.Duplicate)

	code, _, stderr := s.command("dead", "replay", "--reason", "unverified_transaction_id")
	require.Zero(t, code, stderr)
	s.becomes(refused.receipt, outcome.Converted)
	s.becomes(hasty.postback(id).receipt, outcome.Duplicate)
	require.Equal(t, 2, s.count("conversions"))
	require.Zero(t, s.count("dead_letters WHERE status <> 'resolved'"))
}

func TestASecretThatNobodyKnowsSignsNothingWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	s := prepareRotation(t)
	s.variables["INTEGR8_SPOOL_DIR"] = t.TempDir()
	n := s.receiver(currentSecret)
	n.click()
	n.stop()

	database := s.behindProxy("DATABASE_URL")
	n = s.receiver(currentSecret, newSecret) // phase one needs no database
	n.becomesReady(true, "the database is away")
	n.click()
	n.stop()

	s.variables["INTEGR8_SECRET"] = newSecret + "," + currentSecret
	own, stop := s.launch("receive")
	n = &node{s: s, admin: own.listening(t, "admin"), stop: stop}
	n.becomesReady(false, "nobody knows the secret "+printOf(t, newSecret))
	database.Pass()
	n.base = "http://" + own.listening(t, "hits")
	n.becomesReady(true, "ready")
	_, err := keysOf(t, newSecret).Verify(n.click())
	require.NoError(t, err)
}

func TestSecretsThatDifferAreRefusedFromDiskToo(t *testing.T) {
	t.Parallel()
	s := prepareRotation(t)
	s.variables["INTEGR8_SPOOL_DIR"] = t.TempDir()
	n := s.receiver(currentSecret)
	n.click()
	n.stop()
	s.behindProxy("DATABASE_URL")
	s.variables["INTEGR8_SECRET"] = newSecret
	own, stop := s.launch("receive")
	n = &node{s: s, admin: own.listening(t, "admin"), stop: stop}
	require.Eventually(t, func() bool { return strings.Contains(own.text(), "what was last kept on disk") }, patience, 5*time.Millisecond)
	n.becomesReady(false, "secrets")
	require.NotContains(t, own.text(), `"for":"hits"`)
}

func TestDoctorSaysWhichStepOfARotationComesNext(t *testing.T) {
	t.Parallel()
	s := prepareRotation(t)
	secretFindings := func(secrets ...string) string {
		t.Helper()
		s.variables["INTEGR8_SECRET"] = strings.Join(secrets, ",")
		_, findings := s.doctor()
		var lines []string
		for _, found := range findings["secrets"] {
			if !strings.Contains(found.What, "made none of the tokens") { // they were made with another
				lines = append(lines, string(found.Level)+" "+found.What+" -> "+found.Hint)
			}
		}
		return strings.Join(lines, "\n")
	}
	require.Empty(t, secretFindings(newSecret), "nobody has signed yet")
	s.receiver(currentSecret)
	require.Empty(t, secretFindings(currentSecret))
	require.Regexp(t, `(?s)^warning .* signs with the secret \w+, with which no receiver has signed yet -> first start every process`,
		secretFindings(newSecret, currentSecret))

	s.receiver(currentSecret, newSecret)
	require.Regexp(t, `^warning the secret \w+ verifies since .* half done -> once every process has it, put it first`,
		secretFindings(currentSecret, newSecret))
	require.Regexp(t, `^warning processes have the secret \w+, .*INTEGR8_SECRET here lacks it`, secretFindings(currentSecret))

	s.receiver(newSecret, currentSecret)
	require.Empty(t, secretFindings(newSecret, currentSecret))
	require.Regexp(t, `^broken INTEGR8_SECRET lacks the secret `+printOf(t, newSecret), secretFindings(currentSecret))
	require.Regexp(t, `^warning INTEGR8_SECRET lacks the secret `+printOf(t, currentSecret)+`.*secret retire`, secretFindings(newSecret))
}

func TestASecretIsRetiredOnPurposeOnly(t *testing.T) {
	t.Parallel()
	s := prepareRotation(t)
	s.receiver(currentSecret)
	s.receiver(newSecret, currentSecret)
	print := printOf(t, currentSecret)
	code, _, stderr := s.command("secret", "retire", print)
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "a process had the secret "+print)
	require.Contains(t, stderr, "hint: take it out of INTEGR8_SECRET")
	code, _, stderr = s.command("secret", "retire", print, "--force")
	require.Zero(t, code, stderr)

	s.variables["INTEGR8_SECRET"] = newSecret
	_, findings := s.doctor()
	for _, found := range findings["secrets"] {
		require.Contains(t, found.What, "tokens")
	}
	code, stdout, stderr := s.command("secret", "list", "--json")
	require.Zero(t, code, stderr)
	var views []secrets.Listed
	require.NoError(t, json.Unmarshal([]byte(stdout), &views))
	require.Len(t, views, 2)
	require.Equal(t, secrets.Signs, views[0].Here)
	require.NotNil(t, views[0].SignsSince)
	require.Equal(t, secrets.Nowhere, views[1].Here)
	require.NotNil(t, views[1].RetiredAt)
	require.NotContains(t, stdout, url.QueryEscape(newSecret))

	code, _, stderr = s.command("secret", "retire", "0123456789ab")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "no process has ever had the secret")
	code, _, _ = s.command("secret", "retire", "secret")
	require.Equal(t, exitUsage, code)
	_, err := s.db.Exec("UPDATE service_secrets SET last_seen = now() - interval '1 hour'")
	require.NoError(t, err)
	code, _, stderr = s.command("secret", "retire", printOf(t, newSecret))
	require.Zero(t, code, stderr)
}
