package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/cmd/internal/build"
	"integr8/cmd/internal/process"
	"integr8/handlers/attribution"
	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/doctor"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/jobs"
	"integr8/handlers/operate/queues"
	"integr8/pipeline/hit"
	"integr8/pipeline/networktest"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
	"integr8/sql/store/storetest"
)

// dieConvertible stores n clickless postbacks as dead letters that convert when they are
// replayed.
func (s *system) dieConvertible(n int) {
	s.t.Helper()
	for from := 0; from < n; from += 500 {
		var records []*attribution.Record
		for range min(500, n-from) {
			h := &hit.Hit{ID: uuid.Must(uuid.NewV7()), Kind: hit.Clickless, ReceivedAt: time.Now().UTC(), Method: "GET", Host: "north.example", Path: "/clickless",
				TokenDigest: token.DigestOf(s.Global), OfferID: s.Offer, PublisherID: s.Publisher}
			h.Params = map[string]string{"offer": number(s.Offer), "publisher": number(s.Publisher), "external_transaction_id": h.ID.String()}
			request, err := h.Encode()
			require.NoError(s.t, err)
			records = append(records, &attribution.Record{Hit: h, Request: request, Decision: attribution.Decision{
				Outcome: outcome.Rejected, Reason: outcome.OfferPaused, AccountID: s.ID, OfferID: s.Offer}})
		}
		require.NoError(s.t, s.store.Write(s.t.Context(), records))
	}
}

// order creates a job by a command.
func (s *system) order(args ...string) (made jobs.Job) {
	s.t.Helper()
	s.answers(&made, append(args, "--background")...)
	return made
}

// jobBecomes waits until a job is as it should be.
func (s *system) jobBecomes(id int64, what string, is func(jobs.Job) bool) (job jobs.Job) {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		var err error
		job, err = s.store.Job(context.Background(), 0, id)
		return err == nil && is(job)
	}, 2*patience, 10*time.Millisecond, "%s: %+v", what, &job)
	return job
}

func sweptAtLeast(n int64) func(jobs.Job) bool {
	return func(job jobs.Job) bool { return job.Swept >= n }
}

func isDone(job jobs.Job) bool { return job.State == jobs.Done }

// startWeb starts the program of a binary as a process of its own that serves the API.
func (s *system) startWeb(binary string) *process.Process {
	s.t.Helper()
	web := s.startProcess(binary, "web")
	require.NoError(s.t, web.Ready(s.t.Context(), process.Printed(web.Log, `"for":"web"`)))
	return web
}

// startProcess starts the program of a binary as a process of its own.
func (s *system) startProcess(binary string, args ...string) *process.Process {
	s.t.Helper()
	environment := []string{"PATH=" + os.Getenv("PATH"), "INTEGR8_SPOOL_DIR=" + s.t.TempDir()}
	for name, value := range s.variables {
		environment = append(environment, name+"="+value)
	}
	started, err := process.Program{Name: "integr8 " + args[0], Path: binary, Args: args, Env: environment, Log: filepath.Join(s.t.TempDir(), args[0]+".log")}.Start()
	require.NoError(s.t, err)
	s.t.Cleanup(func() {
		if started.Running() {
			require.NoError(s.t, started.Kill(context.Background()))
		}
	})
	return started
}

// TestAJobOutlivesItsProcesses: 5,000 dead letters are replayed at a rate through two
// SIGKILLs, with two processes at first, then one, then none, then another. Each hit
// converts once, and each letter has one event of the job.
func TestAJobOutlivesItsProcesses(t *testing.T) {
	t.Parallel()
	const n = 5000
	s := prepareSystem(t)
	binary := filepath.Join(t.TempDir(), "integr8")
	require.NoError(t, build.Program(t.Context(), binary, "cmd/integr8"))
	s.dieConvertible(n)
	s.startWorker()
	first, second := s.startWeb(binary), s.startWeb(binary)

	job := s.order("dead", "replay", "--reason", "offer_paused", "--rate", "500/s", "--note", "the offer runs again")
	require.EqualValues(t, n, job.Result.Chosen)
	require.Equal(t, []dead.ReasonCount{}, slices.DeleteFunc(slices.Clone(job.Result.Reasons), func(r dead.ReasonCount) bool { return r.Letters == n }))
	s.jobBecomes(job.ID, "it has begun", sweptAtLeast(1000))
	require.NoError(t, first.Kill(t.Context()))
	// What dies after its creation is not the job's.
	s.dieConvertible(1)
	s.jobBecomes(job.ID, "the other process goes on", sweptAtLeast(2500))
	require.NoError(t, second.Kill(t.Context()))
	between, err := s.store.Job(t.Context(), 0, job.ID)
	require.NoError(t, err)
	require.Equal(t, jobs.Running, between.State)
	require.Less(t, between.Swept, int64(n))
	s.startWeb(binary)

	done := s.jobBecomes(job.ID, "it is done and followed", func(job jobs.Job) bool { return isDone(job) && job.Followed })
	require.EqualValues(t, n, done.Swept)
	require.EqualValues(t, n, *done.Result.Replayed)
	require.Equal(t, []dead.Became{{Outcome: outcome.Converted, Hits: n}}, done.Result.Became)
	require.Zero(t, *done.Result.OnTheWay)
	require.Equal(t, n, s.count("conversions"))
	require.Equal(t, map[dead.Status]int{dead.Resolved: n, dead.Open: 1}, s.deadStatuses())
	require.Equal(t, n, s.count("dead_letter_events WHERE event = 'replayed' AND act = $1 AND note = 'the offer runs again'", job.Result.Act))
	require.Equal(t, n, s.count("(SELECT letter_id FROM dead_letter_events WHERE event = 'replayed' GROUP BY 1) AS letters"))

	var shown jobs.Job
	s.answers(&shown, "job", "show", number(job.ID), "--wait")
	require.Equal(t, done, shown)
	var changes []history.Entry
	s.answers(&changes, "history", "--limit", "0")
	require.Len(t, slices.DeleteFunc(changes, func(e history.Entry) bool { return e.Noun != history.Job && e.Noun != history.DeadLetters }), 2,
		"the creation of the job, and that it began")
}

// TestDoctorFindsJobsThatNobodyCarriesOut: and not those that a process has just worked on.
func TestDoctorFindsJobsThatNobodyCarriesOut(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	findings := func() map[string][]doctor.Finding {
		_, found := s.doctor()
		return found
	}
	job := s.order("dead", "discard", "--all", "--yes")
	require.Empty(t, findings()["jobs"], "it is new")
	s.db.MustExec(`UPDATE jobs SET created_at = now() - interval '2 minutes'`)
	require.Equal(t, "1 job waits, and no process carries it out", findings()["jobs"][0].What)
	s.db.MustExec(`UPDATE jobs SET state = 'running', turned_at = now(), problem = 'the queues are missing'`)
	require.Equal(t, fmt.Sprintf("job %d does not go on: the queues are missing", job.ID), findings()["jobs"][0].What)
	s.db.MustExec(`UPDATE jobs SET turned_at = now() - interval '2 minutes', problem = ''`)
	require.Len(t, findings()["jobs"], 1)
	s.start("web", "web")
	s.jobBecomes(job.ID, "it is done", isDone)
	require.Empty(t, findings()["jobs"])
}

// TestOneProcessAtATimeRunsAJob: of two none publishes what the other does.
func TestOneProcessAtATimeRunsAJob(t *testing.T) {
	t.Parallel()
	const n = 300
	s := prepareSystem(t)
	letters := s.die(n, s.ID, outcome.OfferPaused, s.Offer)
	for range 2 {
		s.start("web", "web")
	}
	job := s.order("dead", "replay", "--all", "--rate", "150/s")
	s.jobBecomes(job.ID, "it is done", isDone)
	counts := s.published(t, n)
	for _, id := range letters {
		require.Equal(t, 1, counts[id])
	}
	require.Equal(t, n, s.count("dead_letter_events WHERE act = $1", job.Result.Act))
	s.queueBecomes("postbacks", "nothing more was published", func(q queues.Queue) bool { return q.Messages == 0 })
}

func TestACancelledJobStopsAndWhatItHasDoneStays(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.die(400, s.ID, outcome.OfferPaused, s.Offer)
	s.start("web", "web")
	job := s.order("dead", "replay", "--all", "--rate", "20/s")
	later := s.order("dead", "replay", "--all")
	s.jobBecomes(job.ID, "it has begun", sweptAtLeast(1))
	var cancelled []jobs.Job
	code, stdout, stderr := s.command("job", "cancel", number(later.ID))
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "cancelled")
	code, stdout, stderr = s.command("job", "cancel", number(job.ID))
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "cancelling")
	then, err := s.store.Job(t.Context(), 0, job.ID)
	require.NoError(t, err)
	ended := s.jobBecomes(job.ID, "it is cancelled", func(job jobs.Job) bool { return job.State == jobs.Cancelled })
	require.Less(t, ended.Swept-then.Swept, int64(100), "the turn goes on for 10 s")
	require.Equal(t, int(ended.Swept), s.deadStatuses()[dead.Replayed])
	require.Len(t, s.published(t, int(ended.Swept)), int(ended.Swept))

	s.answers(&cancelled, "job", "list", "--status", "cancelled")
	require.Len(t, cancelled, 2)
	require.Zero(t, cancelled[0].Swept, "that which waited")
	done := s.order("dead", "discard", "--reason", "unknown_offer", "--yes")
	s.jobBecomes(done.ID, "it is done", isDone)
	code, _, stderr = s.command("job", "cancel", number(done.ID))
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, fmt.Sprintf("job %d cannot be cancelled: it is done", done.ID))
	code, _, stderr = s.command("job", "cancel", "99")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "there is no job 99")

	var changes []history.Entry
	s.answers(&changes, "history", "--noun", "job", "--id", number(job.ID))
	require.Equal(t, []history.Act{history.Cancel, history.Create}, []history.Act{changes[0].Act, changes[1].Act})
	require.JSONEq(t, `{"state": "cancelling"}`, string(changes[0].New))
}

// TestAJobOfAnAccountDelaysNoOther: more slow jobs of one than a process works on at a time
// leave room for those of another, and touch none of its letters.
func TestAJobOfAnAccountDelaysNoOther(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	slow := []*storetest.Account{s.Account}
	for i := range jobs.Slots {
		slow = append(slow, storetest.NewBareAccount(t, s.store, s.keys, fmt.Sprintf("slow %d", i)))
	}
	other := storetest.NewBareAccount(t, s.store, s.keys, "other")
	var waiting []jobs.Job
	for _, account := range slow {
		s.die(300, account.ID, outcome.OfferPaused, s.Offer)
		for range 2 {
			waiting = append(waiting, s.order("dead", "replay", "--account", number(account.ID), "--rate", "1/s"))
		}
	}
	s.die(20, other.ID, outcome.OfferPaused, s.Offer)
	s.start("web", "web")
	for i := 0; i < len(waiting); i += 2 {
		s.jobBecomes(waiting[i].ID, "each account has its turn", sweptAtLeast(1))
	}
	quick := s.order("dead", "discard", "--account", number(other.ID), "--yes")
	require.EqualValues(t, 20, quick.Result.Chosen)
	s.jobBecomes(quick.ID, "it has its turn", isDone)
	require.Equal(t, 20, s.deadStatuses()[dead.Discarded])
	require.Equal(t, 20, s.count("dead_letters WHERE account_id = $1 AND status = 'discarded'", other.ID))
	for i, job := range waiting {
		now, err := s.store.Job(t.Context(), 0, job.ID)
		require.NoError(t, err)
		require.Equal(t, i%2 == 0, now.State == jobs.Running, "the second job of an account waits for the first")
	}
}

// TestAnOutageDelaysAJob: it goes on where it was, whether a server refuses or hangs.
func TestAnOutageDelaysAJob(t *testing.T) {
	t.Parallel()
	for _, server := range []string{"DATABASE_URL", "AMQP_URL"} {
		for name, outage := range map[string]func(*networktest.Proxy){"refuses": (*networktest.Proxy).Refuse, "hangs": (*networktest.Proxy).Hang} {
			t.Run(server+" "+name, func(t *testing.T) {
				t.Parallel()
				delayedBy(t, server, outage)
			})
		}
	}
}

func delayedBy(t *testing.T, server string, outage func(*networktest.Proxy)) {
	const n = 400
	s := prepareSystem(t)
	s.dieConvertible(n)
	s.startWorker()
	direct := s.variables[server]
	proxy := s.behindProxy(server)
	proxy.Pass()
	own, _ := s.launch("web")
	own.listening(t, "web")
	s.variables[server] = direct // of the commands
	job := s.order("dead", "replay", "--all", "--rate", "100/s")
	s.jobBecomes(job.ID, "it has begun", sweptAtLeast(20))
	outage(proxy)
	require.Eventually(t, func() bool { return strings.Contains(own.text(), "carrying out jobs is not done, trying again") }, 2*patience, 10*time.Millisecond)
	during, err := s.store.Job(t.Context(), 0, job.ID)
	require.NoError(t, err)
	require.Equal(t, jobs.Running, during.State)
	if server == "AMQP_URL" {
		s.jobBecomes(job.ID, "it says why it does not go on", func(job jobs.Job) bool { return strings.Contains(job.Problem, "cannot be used now") })
	}
	proxy.Pass()
	done := s.jobBecomes(job.ID, "it is done and followed", func(job jobs.Job) bool { return isDone(job) && job.Followed })
	require.Empty(t, done.Problem)
	require.EqualValues(t, n, *done.Result.Replayed)
	require.Equal(t, n, s.count("conversions"))
	require.Equal(t, n, s.count("dead_letter_events WHERE event = 'replayed' AND act = $1", job.Result.Act))
}

// TestAJobDiscardsAndAnotherBringsBack: with the note and the name of who ordered it.
func TestAJobDiscardsAndAnotherBringsBack(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	letter := s.die(7, s.ID, outcome.OfferPaused, s.Offer)[0]
	s.start("web", "web")
	code, _, stderr := s.command("dead", "discard", "--all", "--background")
	require.Equal(t, exitUsage, code)
	require.Contains(t, stderr, "7 dead letters would be discarded")
	discard := s.order("dead", "discard", "--all", "--yes", "--note", "the buyer is gone")
	s.jobBecomes(discard.ID, "it is done", isDone)
	require.Equal(t, map[dead.Status]int{dead.Discarded: 7}, s.deadStatuses())
	code, stdout, stderr := s.command("job", "show", number(discard.ID))
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "7 dead letters were discarded.")
	require.Contains(t, stdout, "the buyer is gone")
	require.Contains(t, stdout, "integr8 dead undo --act "+discard.Result.Act.String())
	undo := s.order("dead", "undo", "--last", "--rate", "3/s")
	var undone jobs.Job
	s.answers(&undone, "job", "show", number(undo.ID), "--wait")
	require.Equal(t, jobs.Done, undone.State, "it was waited for")
	require.Equal(t, map[dead.Status]int{dead.Open: 7}, s.deadStatuses())
	var shown struct{ History []dead.HistoryLine }
	s.answers(&shown, "dead", "show", letter.String())
	require.Equal(t, []string{"received", "died: rejected, offer_paused", "discarded", "the discarding was undone"}, whats(shown.History))
	require.Equal(t, "the buyer is gone", shown.History[2].Note)
	require.Contains(t, shown.History[2].By, "@")
	require.Equal(t, undo.Result.Act, *shown.History[3].Act)
}

// TestAJobWithoutQueuesSaysWhatToDoAndGoesOn: once they are there again.
func TestAJobWithoutQueuesSaysWhatToDoAndGoesOn(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.die(3, s.ID, outcome.OfferPaused, s.Offer)
	s.start("web", "web")
	require.NoError(t, s.topology.Delete(t.Context(), s.variables["AMQP_URL"]))
	job := s.order("dead", "replay", "--all")
	s.jobBecomes(job.ID, "it says what to do", func(job jobs.Job) bool { return strings.Contains(job.Problem, "integr8 topology") })
	require.Equal(t, map[dead.Status]int{dead.Open: 3}, s.deadStatuses())
	require.NoError(t, s.topology.Declare(t.Context(), s.variables["AMQP_URL"]))
	require.Empty(t, s.jobBecomes(job.ID, "it is done", isDone).Problem)
	require.Equal(t, map[dead.Status]int{dead.Replayed: 3}, s.deadStatuses())
}

// TestAJobFailsWithoutAnOutage: after a few tries, with the reason, and others go on.
func TestAJobFailsWithoutAnOutage(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.die(3, s.ID, outcome.OfferPaused, s.Offer)
	s.db.MustExec(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no letter may change'; END $$`)
	s.db.MustExec(`CREATE TRIGGER refuse BEFORE UPDATE ON dead_letters FOR EACH ROW EXECUTE FUNCTION refuse()`)
	s.start("web", "web")
	job := s.order("dead", "discard", "--all", "--yes")
	failed := s.jobBecomes(job.ID, "it has failed", func(job jobs.Job) bool { return job.State == jobs.Failed })
	require.Contains(t, failed.Problem, "no letter may change")
	require.NotNil(t, failed.EndedAt)
	require.Equal(t, map[dead.Status]int{dead.Open: 3}, s.deadStatuses())
	code, stdout, stderr := s.command("job", "show", number(job.ID), "--wait", "--json")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "mend what is wrong")
	var shown jobs.Job
	require.NoError(t, json.Unmarshal([]byte(stdout), &shown))
	require.Equal(t, jobs.Failed, shown.State)
}
