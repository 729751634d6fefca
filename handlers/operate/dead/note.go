package dead

import (
	"context"

	"github.com/google/uuid"

	"integr8/handlers/operate/reference"
)

// Note adds a note to dead letters, and changes nothing else about them.
type Note struct{ *Work }

// Note prepares to note something on the letters that match the filter, whatever their
// state; on those in its state where it has one. The error for a note without a text is
// that of HasText.
func (l Letters) Note(ctx context.Context, filter Filter, by Operator) (*Note, error) {
	work, err := l.prepare(ctx, filter, by.act(WasNoted), traceInstead)
	if err == nil {
		err = work.act.HasText()
	}
	return &Note{work}, err
}

// HasText refuses a note without a text. The error matches reference.ErrInvalid.
func (a Act) HasText() error {
	if a.Event == WasNoted && a.Note == "" {
		return reference.Refuse(reference.ErrInvalid, "a note needs a text; nothing was done")
	}
	return nil
}

// Run adds the note. When ctx ends, it returns an error that says how far it came.
func (n *Note) Run(ctx context.Context, progress Progress) error {
	return n.end(n.carry(ctx, progress))
}

func (n *Note) carry(ctx context.Context, progress Progress) error {
	return n.sweep(ctx, progress, func(ctx context.Context, page []Letter) error {
		return n.settle(ctx, page, func(noted map[uuid.UUID]Status) { n.done += int64(len(noted)) })
	})
}
