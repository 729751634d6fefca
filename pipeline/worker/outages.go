package worker

// outages counts the outages that one message meets in a row.
type outages struct {
	met    bool
	alone  int
	passed uint64
}

// maxOutagesAlone is how many outages a message meets, while others of its topic
// succeed, before the message itself counts as the cause. An unstable server fails
// different messages at different times. When the same message fails ten times in a
// row, and so in each attempt, the message is the cause.
const maxOutagesAlone = 10

// metAlone counts an outage. passed is how many messages of the topic have succeeded so
// far. It returns true when the message counts as the cause of its outages. Without
// this rule such a message would shut the gate for all others for ever.
func (o *outages) metAlone(passed uint64) bool {
	if o.met && passed > o.passed {
		o.alone++
	}
	o.met, o.passed = true, passed
	return o.alone >= maxOutagesAlone
}
