package worker

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"

	"integr8/pipeline/outcome"
	"integr8/pipeline/rabbit"
)

// keptBytes is how many bytes of an undecodable message are kept: enough to see where it
// comes from. A hit of ours has at most 16 KiB, a foreign message up to the
// broker's max_message_size, 16 MiB by default and 512 MiB at most.
const keptBytes = 64 << 10

// metadataCut marks a message that was cut. Its value is the length and the SHA-256 of
// the payload before the cut.
const metadataCut = "integr8-cut"

// original is the length and the SHA-256 of a payload before it was cut.
type original struct {
	length int
	digest [sha256.Size]byte
}

func (o original) id() uuid.UUID { return uuid.UUID(o.digest[:16]) }

// cutCopyOf returns a dead letter for a message that cannot be published because of err:
// its first keptBytes, and the length and digest of the whole. It drops the id and all
// other metadata, because those may be what is too large. topic is the topic in which
// the message failed.
func cutCopyOf(topic string, msg *message.Message, err error) *message.Message {
	letter := message.NewMessage(watermill.NewUUID(), msg.Payload[:min(len(msg.Payload), keptBytes)])
	letter.Metadata.Set(metadataCut, fmt.Sprintf("%d %x", len(msg.Payload), sha256.Sum256(msg.Payload)))
	letter.Metadata.Set(metadataCause, string(outcome.Undecodable))
	if topic != "" {
		letter.Metadata.Set(metadataTopic, topic)
	}
	letter.Metadata.Set(metadataAttempts, strconv.Itoa(attemptsOf(msg)))
	if reason := undecodable(msg); reason != "" {
		err = fmt.Errorf("%s; %w", reason, err)
	}
	letter.Metadata.Set(rabbit.MetadataUndecodable, lineOf(err))
	return letter
}

func isCut(msg *message.Message) bool { return msg.Metadata.Get(metadataCut) != "" }

// originalOf returns the original of a message; a message that was not cut is its own
// original.
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
