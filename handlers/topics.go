package handlers

import (
	"integr8/pipeline/hit"
	"integr8/pipeline/rabbit"
)

// TopicDeliveries is the topic of postbacks to publishers.
const TopicDeliveries = "deliveries"

// Topics returns the topics that have a work queue.
func Topics() []rabbit.Topic {
	return []rabbit.Topic{
		{Name: hit.TopicClicks, Purpose: "clicks to be recorded"},
		{Name: hit.TopicPostbacks, Purpose: "postbacks of every kind to be decided"},
		{Name: TopicDeliveries, Purpose: "postbacks to be sent to publishers"},
	}
}
