package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"integr8/handlers/operate/doctor"
	"integr8/pipeline/failure"
	"integr8/sql/store"
)

// ReplicaHeader says of an answer by how many seconds the replica that it was read from is
// behind the primary, at most. It is missing where all of it is of the primary.
const ReplicaHeader = "Integr8-Replica-Behind"

// replicaHint is what to do about a replica that is not read.
const replicaHint = "reports and searches load the primary meanwhile: look at the log of the replica, and at INTEGR8_REPLICA_URL"

// addReplica follows the replica of the options. It is nil without one.
func (p *process) addReplica(db *store.Store) (*store.Replica, error) {
	options := p.options.Web
	if options.ReplicaURL == "" {
		return nil, nil
	}
	replica, err := db.OpenReplica(options.ReplicaURL, requestTime*5/4, options.ReplicaLag)
	if err != nil {
		return nil, err
	}
	p.metrics.AddReplica(func() (behind time.Duration, known, read bool) {
		state := replica.State()
		return state.Behind, state.Known, state.Problem == nil
	})
	p.add(component{
		name: "replica", run: func(ctx context.Context) error {
			replica.Run(ctx, p.tellReplica)
			return nil
		},
		close: func() error {
			_ = replica.Close() // as in closeStore
			return nil
		},
	})
	return replica, nil
}

func (p *process) tellReplica(state store.ReplicaState) {
	if state.Problem == nil {
		p.logger.Info("reports and searches read the replica", "behind", state.Behind)
		return
	}
	p.logger.Warn("reports and searches read the primary in place of the replica", "problem", failure.OneLine(state.Problem), "hint", replicaHint)
}

// onReplica is the finding on a replica that is not read.
func onReplica(state store.ReplicaState) []doctor.Finding {
	if state.Problem == nil || errors.Is(state.Problem, store.ErrReplicaUnknown) {
		return nil
	}
	return []doctor.Finding{{Level: doctor.Warning, Check: "replica", What: fmt.Sprintf("the replica is not read: %s", failure.OneLine(state.Problem)), Hint: replicaHint}}
}

// noteReplica serves requests whose answers say in ReplicaHeader that a replica was read.
func noteReplica(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, reads := store.NoteReplicaReads(r.Context())
		next.ServeHTTP(&replicaNote{ResponseWriter: w, reads: reads}, r.WithContext(ctx))
	})
}

type replicaNote struct {
	http.ResponseWriter
	reads *store.ReplicaReads
	sent  bool
}

// WriteHeader implements http.ResponseWriter.
func (n *replicaNote) WriteHeader(status int) {
	if behind, read := n.reads.Behind(); read && !n.sent {
		n.Header().Set(ReplicaHeader, strconv.FormatFloat(behind.Seconds(), 'f', 1, 64))
	}
	n.sent = true
	n.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (n *replicaNote) Write(data []byte) (int, error) {
	if !n.sent {
		n.WriteHeader(http.StatusOK)
	}
	return n.ResponseWriter.Write(data)
}

// Unwrap is for http.ResponseController.
func (n *replicaNote) Unwrap() http.ResponseWriter { return n.ResponseWriter }
