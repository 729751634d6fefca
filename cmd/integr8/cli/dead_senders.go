package cli

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"integr8/handlers/operate"
	"integr8/handlers/operate/dead"
)

// deadSenderTable writes the senders of each reason: all of a kind on one line, or, with
// each, one a line with its times. grouped is set when only the letters that died after it
// were counted.
func deadSenderTable(t *table, reasons []dead.ReasonCount, grouped time.Time, each bool) {
	headed := false
	for _, reason := range reasons {
		for _, senders := range reason.Senders {
			if !headed {
				headed = true
				t.row()
				deadSenderHeader(t, each)
			}
			if each {
				deadSenderRows(t, reason, senders)
			} else {
				t.row(reason.Reason, senders.By, long(sendersText(senders)))
			}
		}
	}
	if !grouped.IsZero() {
		t.row("Counted by sender were the newest only, which died after " + operate.PreciseClock(grouped) + " UTC. --until and --reason choose others.")
	}
}

func deadSenderHeader(t *table, each bool) {
	if each {
		t.row("REASON", "BY", "SENDER", "DEAD LETTERS", "OLDEST", "NEWEST")
	} else {
		t.row("REASON", "BY", "DEAD LETTERS OF EACH SENDER")
	}
}

func deadSenderRows(t *table, reason dead.ReasonCount, senders dead.Senders) {
	for _, group := range senders.Groups {
		t.row(reason.Reason, senders.By, long(senderText(senders.By, group)), group.Letters, operate.Clock(group.Oldest), operate.Clock(group.Newest))
	}
	if senders.MoreGroups > 0 {
		t.row(reason.Reason, senders.By, moreText(senders), senders.MoreLetters, "", "")
	}
}

// sendersText writes senders on one line: 12 blog: 300, 15 shop: 20, and 13 more: 44.
func sendersText(senders dead.Senders) string {
	var texts []string
	for _, group := range senders.Groups {
		texts = append(texts, fmt.Sprintf("%s: %d", senderText(senders.By, group), group.Letters))
	}
	if senders.MoreGroups > 0 {
		texts = append(texts, fmt.Sprintf("%s: %d", moreText(senders), senders.MoreLetters))
	}
	return strings.Join(texts, ", ")
}

func moreText(senders dead.Senders) string { return fmt.Sprintf("and %d more", senders.MoreGroups) }

// senderText names a sender so that a filter finds it.
func senderText(by dead.SenderKind, sender dead.SenderCount) string {
	switch {
	case sender.ID != nil && sender.Name != "":
		return fmt.Sprintf("%d %s", *sender.ID, sender.Name)
	case sender.ID != nil:
		return fmt.Sprint(*sender.ID)
	case sender.TokenDigest != "":
		return fmt.Sprintf("unknown with digest %s", sender.TokenDigest.Short())
	default:
		return cmp.Or(sender.Network, "no "+string(by))
	}
}
