package hit

// Refusal says what a door saw to be wrong with a request, without any
// lookup. The handlers record it as the hit's reason under the same name.
type Refusal string

// Every refusal of a door.
const (
	MissingToken            Refusal = "missing_token"
	MissingTransactionID    Refusal = "missing_transaction_id"
	PlaceholderTransaction  Refusal = "placeholder_transaction_id"
	MalformedTransactionID  Refusal = "malformed_transaction_id"
	UnverifiedTransactionID Refusal = "unverified_transaction_id"
	MissingOffer            Refusal = "missing_offer"
	InvalidOffer            Refusal = "invalid_offer"
	MissingPublisher        Refusal = "missing_publisher"
	InvalidPublisher        Refusal = "invalid_publisher"
	RepeatedParameter       Refusal = "repeated_parameter"
	MalformedRequest        Refusal = "malformed_request" // broken percent-encoding or body
	InvalidText             Refusal = "invalid_text"      // NUL or not UTF-8
	InvalidAmount           Refusal = "invalid_amount"
	UnknownCurrency         Refusal = "unknown_currency"
	InvalidConversionIP     Refusal = "invalid_conversion_ip"
	InvalidSessionTime      Refusal = "invalid_session_time"
	InvalidEmail            Refusal = "invalid_email"
	ValueTooLong            Refusal = "value_too_long"
	// A tracking link whose offer or publisher is paused sends nobody on: the
	// click door answers 404 instead of 302, and the click is still recorded,
	// with this refusal, as rejected.
	OfferPaused     Refusal = "offer_paused"
	PublisherPaused Refusal = "publisher_paused"
)
