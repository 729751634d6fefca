package api

import (
	"net/http"

	"integr8/handlers/operate/keys"
)

// operating is the access of operations that act on dead letters.
var operating = access{role: keys.Operate}

// addWrites registers the operations that change something.
func (a *api) addWrites() {
	a.addActs()
}

// addActs registers what acts on dead letters.
func (a *api) addActs() {
	act := func(id, path, summary, description string) operation {
		return operation{id: id, method: http.MethodPost, path: path, tag: tagDead, summary: summary, description: description, access: operating}
	}
	add(a, act("replay-dead-letters", "/dead-letters/replay", "Publish the hits of dead letters again",
		"Under their own ids, so that nothing is ever paid twice: an interrupted request may be sent again. "+
			"All receipts must be those of dead letters of the account, or nothing is done. `warnings` say which hits will fail again."), a.replay)
	add(a, act("discard-dead-letters", "/dead-letters/discard", "Give dead letters up",
		"All receipts must be those of dead letters of the account, or nothing is done. `integr8 dead undo` brings them back."), a.discard)
}
