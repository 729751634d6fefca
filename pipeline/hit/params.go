package hit

import "slices"

// The parameters of the outside contract. Each but ParamSecure is in deciding or in
// details. Any other parameter is a bystander: it is kept as sent where there is room for
// it, see Hit.Prune.
const (
	// ParamSecure carries the secure token and is never kept.
	ParamSecure                = "secure"
	ParamTransactionID         = "transaction_id"
	ParamOffer                 = "offer"
	ParamPublisher             = "publisher"
	ParamSubID                 = "sub_id"
	ParamSubID2                = "sub_id_2"
	ParamSubID3                = "sub_id_3"
	ParamSubID4                = "sub_id_4"
	ParamSubID5                = "sub_id_5"
	ParamSubID6                = "sub_id_6"
	ParamExternalTransactionID = "external_transaction_id"
	ParamDeviceID              = "device_id"
	ParamSessionTime           = "session_time"
	ParamConversionIP          = "conversion_ip"
	ParamUserAgent             = "user_agent"
	ParamRevenue               = "revenue"
	ParamPayout                = "payout"
	ParamCurrency              = "currency"
	ParamOrderID               = "order_id"
	ParamAdvSubID              = "adv_sub_id"
	ParamAdvSubID2             = "adv_sub_id_2"
	ParamAdvSubID3             = "adv_sub_id_3"
	ParamAdvSubID4             = "adv_sub_id_4"
	// ParamUserEmail travels as a hash, see EmailHash.
	ParamUserEmail = "user_email"
)

// PurchaseValue is the bystander that says what the buyer paid, and that a conversion
// keeps. It is no KnownParam: a negative one denies the conversion, as in any other
// parameter that is named for an amount.
const PurchaseValue = "purchase_value"

// TestMark is the parameter that carries the mark of a test, see token.Keys.MarkTest. A door takes it out of
// the parameters, so that a mark goes no further, and keeps in Hit.TestAccount what it says.
const TestMark = "integr8_test"

// TestHeader is in the response of a door where the mark holds, to HEAD too: so one can find
// out without making a hit.
const TestHeader = "X-Test"

// Identifies reports whether a parameter names, at the doors of this kind, what
// the hit is about or what counts as the same hit. Such a value is never mended,
// and two different ones refuse the request.
func (k Kind) Identifies(name string) bool {
	switch name {
	case ParamTransactionID:
		return k == Postback || k == Pixel
	case ParamOrderID:
		return k != Click
	case ParamOffer, ParamPublisher:
		return k == Click || k == Clickless
	case ParamExternalTransactionID:
		return k == Clickless
	}
	return false
}

// KeepsEveryValue reports whether all values of a repeated parameter are kept,
// joined. No single one of them may count, because it decides what a hit is worth.
func KeepsEveryValue(name string) bool {
	return name == ParamRevenue || name == ParamPayout || name == ParamCurrency
}

// deciding lists the parameters that can decide what a hit is worth or whether
// it counts as the same: ids that match or dedupe, and amounts that pay. Their
// values are never cut into other ones, see whole.
var deciding = [...]string{
	ParamTransactionID, ParamOffer, ParamPublisher, ParamExternalTransactionID, ParamOrderID,
	ParamRevenue, ParamPayout, ParamCurrency,
}

// details lists the parameters of the contract that decide nothing, those
// first that are missed most.
var details = [...]string{
	ParamSubID, ParamAdvSubID, ParamDeviceID, ParamConversionIP, ParamSessionTime, ParamUserEmail,
	ParamSubID2, ParamSubID3, ParamSubID4, ParamSubID5, ParamSubID6,
	ParamAdvSubID2, ParamAdvSubID3, ParamAdvSubID4, ParamUserAgent,
}

// known holds the parameters of the contract.
var known = func() map[string]bool {
	known := map[string]bool{ParamSecure: true}
	for _, name := range slices.Concat(deciding[:], details[:]) {
		known[name] = true
	}
	return known
}()

// KnownParam reports whether a parameter belongs to the contract. The values of
// known parameters are recorded without surrounding white space.
func KnownParam(name string) bool { return known[name] }

// isLabel reports whether half of a detail's value is of use; of a time, an
// address or a hash it would be another one.
func isLabel(name string) bool {
	return name != ParamConversionIP && name != ParamSessionTime && name != ParamUserEmail
}
