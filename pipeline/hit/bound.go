package hit

// The bounds of a hit in its encoded form. A hit is bounded in three steps, in
// this order: Prune drops parameters before anything is redacted, package redact
// takes the secrets out, Fit cuts what redaction and encoding made too long.
// Nothing is cut before it is redacted, because half a secret shows by no form.
const (
	// MaxBytes bounds every hit.
	MaxBytes = 16 << 10
	// MaxShortBytes bounds a hit that Shorten has been called for: one that is
	// refused, or whose token the door does not know.
	MaxShortBytes = 6 << 10
)

// The bounds of single parameters that decide, encoded. What Verify, Number,
// Amount and Currency accept is below the first.
const (
	maxDecidingBytes = 160
	maxKeyBytes      = 512
)

// decidingBytes returns the bound of a parameter that decides; 0 for any other.
func (h *Hit) decidingBytes(name string) int {
	switch name {
	case ParamExternalTransactionID, ParamOrderID:
		return maxKeyBytes
	case ParamTransactionID, ParamOffer, ParamPublisher, ParamRevenue, ParamPayout, ParamCurrency:
		return maxDecidingBytes
	}
	if h.Qualifier(name) != NoQualifier {
		return maxQualifierValueBytes
	}
	return 0
}
