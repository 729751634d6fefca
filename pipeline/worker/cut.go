package worker

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"

	"integr8/pipeline/rabbit"
)

// keptBytes is how much is kept of a message that is no hit: enough to see
// whose it is. A hit of ours is at most 16 KiB, a foreign message up to the
// broker's max_message_size, 16 MiB by default and 512 MiB at most.
const keptBytes = 64 << 10

// metadataCut marks a message that was cut, with its length and the SHA-256 of
// its payload before that.
const metadataCut = "integr8-cut"

// original is what a message was before it was cut.
type original struct {
	length int
	digest [sha256.Size]byte
}

// cutCopyOf is a message that cannot be published, because of err, as a dead
// letter that can: the first bytes, and the length and digest of the whole.
// What else it carried, its id included, may be what is too large, and is not
// kept.
func cutCopyOf(msg *message.Message, err error) *message.Message {
	letter := message.NewMessage(watermill.NewUUID(), msg.Payload[:min(len(msg.Payload), keptBytes)])
	letter.Metadata.Set(metadataCut, fmt.Sprintf("%d %x", len(msg.Payload), sha256.Sum256(msg.Payload)))
	letter.Metadata.Set(metadataCause, string(Undecodable))
	letter.Metadata.Set(metadataAttempts, strconv.Itoa(attemptsOf(msg)))
	if reason := undecodable(msg); reason != "" {
		err = fmt.Errorf("%s; %w", reason, err)
	}
	letter.Metadata.Set(rabbit.MetadataUndecodable, lineOf(err))
	return letter
}

func isCut(msg *message.Message) bool { return msg.Metadata.Get(metadataCut) != "" }

// originalOf returns what a message was before it was cut; one that was not cut
// is its own original.
func originalOf(msg *message.Message) original {
	var whole original
	length, digest, _ := strings.Cut(msg.Metadata.Get(metadataCut), " ")
	n, err := strconv.Atoi(length)
	sum, digestErr := hex.DecodeString(digest)
	if err != nil || digestErr != nil || len(sum) != len(whole.digest) {
		return original{len(msg.Payload), sha256.Sum256(msg.Payload)}
	}
	whole.length = n
	copy(whole.digest[:], sum)
	return whole
}
