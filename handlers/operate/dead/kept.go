package dead

import (
	"context"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/operate/history"
)

// Kept is an act that goes on where it stopped, in any process: see Continue.
type Kept struct {
	Act       Act
	PerSecond float64
	Checkpoint
	// UnderWay are the letters behind the checkpoint whose hits may have been published.
	UnderWay []Mark
}

// Checkpoint is how far an act has come.
type Checkpoint struct {
	// Behind is behind the last letter that was worked on.
	Behind Cursor
	// Swept counts the letters until there.
	Swept int64
	// Result is what came of them.
	Result Result
}

// Mark is a letter as it was read before its hit was published.
type Mark struct {
	ID        uuid.UUID `json:"id"`
	DiedAt    time.Time `json:"died_at"`
	Deaths    int       `json:"deaths"`
	Status    Status    `json:"status"`
	LastEvent int64     `json:"last_event"`
}

// Keeper keeps how far an act has come.
type Keeper interface {
	// KeepUnderWay keeps the letters whose hits are about to be published.
	KeepUnderWay(ctx context.Context, letters []Mark) error
	// Settle adds an act to letters, as Store.SettleDeadLetters does. It keeps, in the same
	// transaction, what reached returns for the letters that changed, and forgets what was
	// under way.
	Settle(ctx context.Context, letters []Letter, act Act, reached func(changed map[uuid.UUID]Status) Checkpoint) error
}

// unkept is the Keeper of an act that ends with its process.
type unkept struct{ store Store }

func (unkept) KeepUnderWay(context.Context, []Mark) error { return nil }

func (u unkept) Settle(ctx context.Context, letters []Letter, act Act, reached func(map[uuid.UUID]Status) Checkpoint) error {
	var changed map[uuid.UUID]Status
	if len(letters) > 0 {
		var err error
		if changed, err = u.store.SettleDeadLetters(ctx, letters, act); err != nil {
			return err
		}
	}
	reached(changed)
	return nil
}

// carrier is an act that can be carried out.
type carrier interface {
	carry(ctx context.Context, progress Progress) error
}

// Prepare prepares a replay, a discard, an undo or a note, as the functions of these names
// do. The note may have no text yet: see Act.HasText.
func (l Letters) Prepare(ctx context.Context, what history.Act, filter Filter, by Operator) (*Work, error) {
	switch what {
	case history.Replay:
		replay, err := l.Replay(ctx, filter, by)
		if err != nil {
			return nil, err
		}
		return replay.Work, nil
	case history.Discard:
		discard, err := l.Discard(ctx, filter, by)
		if err != nil {
			return nil, err
		}
		return discard.Work, nil
	case history.Note:
		return l.prepare(ctx, filter, by.act(WasNoted), traceInstead)
	default:
		undo, err := l.Undo(ctx, filter, by)
		if err != nil {
			return nil, err
		}
		return undo.Work, nil
	}
}

// Act returns the act that was prepared, with the letters that it chose.
func (w *Work) Act() Act { return w.act }

// Continue carries an act out from its checkpoint on, until its last letter or the end of
// ctx, and reports which of the two came first. Hits that were under way are published
// again, under their own ids, so that each letter has one event of the act.
func (l Letters) Continue(ctx context.Context, kept Kept, keeper Keeper) (finished bool, err error) {
	w := &Work{
		Result: kept.Result, Named: len(kept.Act.Order.Filter.IDs) > 0, PerSecond: kept.PerSecond,
		letters: l, filter: kept.Act.Order.Filter, act: kept.Act, done: kept.Result.Done(),
		keeper: keeper, behind: kept.Behind, swept: kept.Swept, underWay: kept.UnderWay,
	}
	w.countDone()
	var act carrier
	switch kept.Act.Event {
	case WasReplayed:
		act = &Replay{Work: w, unfollowed: true}
	case WasDiscarded:
		act = &Discard{w}
	case WasNoted:
		act = &Note{w}
	default:
		act = &Undo{w}
	}
	err = act.carry(ctx, func(string, int64, int64) {})
	return err == nil && !w.Result.Interrupted, err
}

// marksOf returns letters as they were read.
func marksOf(letters []Letter) []Mark {
	marks := make([]Mark, len(letters))
	for i, letter := range letters {
		marks[i] = Mark{ID: letter.ID, DiedAt: letter.DiedAt, Deaths: letter.Deaths, Status: letter.Status, LastEvent: letter.LastEvent}
	}
	return marks
}

// readAgain reads the letters that were under way. One that has changed since, as its hit
// was decided, is returned as it was read then, so that the act comes before that event.
func (w *Work) readAgain(ctx context.Context) ([]Letter, error) {
	ids := make([]uuid.UUID, len(w.underWay))
	for i, mark := range w.underWay {
		ids[i] = mark.ID
	}
	found, err := w.letters.Store.DeadLetters(ctx, Filter{IDs: ids}, OldestFirst, nil, len(ids))
	if err != nil {
		return nil, err
	}
	byID := make(map[uuid.UUID]Letter, len(found))
	for _, letter := range found {
		byID[letter.ID] = letter
	}
	var page []Letter
	for _, mark := range w.underWay {
		if letter, still := byID[mark.ID]; still { // or its retention was over
			page = append(page, mark.of(letter))
		}
	}
	last := w.underWay[len(w.underWay)-1]
	w.behind, w.underWay = Cursor{last.DiedAt, last.ID}, nil
	w.swept += int64(len(ids))
	return page, nil
}

// of returns a letter as it was when the mark was made, unless the act itself has opened
// it since.
func (m Mark) of(letter Letter) Letter {
	opened := m.Status == Discarded && letter.Status == Open
	if !letter.DiedAt.Equal(m.DiedAt) || letter.Deaths != m.Deaths || letter.Status != m.Status && !opened {
		letter.DiedAt, letter.Deaths, letter.Status, letter.LastEvent = m.DiedAt, m.Deaths, m.Status, m.LastEvent
	}
	return letter
}
