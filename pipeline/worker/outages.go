package worker

// outages counts those that one message meets one after the other.
type outages struct {
	met    bool
	alone  int
	passed uint64
}

// outagesAlone is how many outages a message meets while others of its topic
// pass, before they count as its own. A server that comes and goes fails now
// this one and now that one; that it fails the same one ten times in a row, and
// so for each attempt, is the message's doing.
const outagesAlone = 10

// metAlone counts an outage, given how many messages of the topic have passed so
// far, and reports whether it and those before are the message's own. Such a
// message would otherwise shut the gate for all, for ever.
func (o *outages) metAlone(passed uint64) bool {
	if o.met && passed > o.passed {
		o.alone++
	}
	o.met, o.passed = true, passed
	return o.alone >= outagesAlone
}
