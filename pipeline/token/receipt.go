package token

import (
	"crypto/subtle"
	"encoding/hex"

	"github.com/google/uuid"
)

// receiptMark begins what is signed for a receipt. Nothing else that a service secret
// signs begins like this.
const receiptMark = "receipt "

// receiptBytes is the length of a signature.
const receiptBytes = 16

// SignReceipt returns the signature of a receipt, 32 hex digits. Who has it may see what
// became of the hit.
func (k Keys) SignReceipt(id uuid.UUID) string {
	return hex.EncodeToString(k.secrets[0].signReceipt(id))
}

// VerifiesReceipt reports whether a signature is that of a receipt.
func (k Keys) VerifiesReceipt(id uuid.UUID, signature string) bool {
	given, err := hex.DecodeString(signature)
	if err != nil {
		return false
	}
	for _, secret := range k.secrets {
		if subtle.ConstantTimeCompare(secret.signReceipt(id), given) == 1 {
			return true
		}
	}
	return false
}

func (s serviceSecret) signReceipt(id uuid.UUID) []byte {
	return s.sign(append([]byte(receiptMark), id[:]...))[:receiptBytes]
}
