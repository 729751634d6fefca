package worker

import (
	"fmt"

	"github.com/ThreeDotsLabs/watermill/message"

	"integr8/pipeline/rabbit"
)

// archives archives each dead letter by the route of the topic in which its handling
// failed. The dead queue holds the letters of all topics.
type archives struct {
	topology rabbit.Topology
	log      *failureLog
	// byTopic holds the routes with an archive.
	byTopic map[string]Route
	// unnamed archives letters without a known topic: those of an earlier version of the
	// worker, which did not write the topic, and those that another program published
	// to the dead queue.
	unnamed Route
}

// newArchives returns nil when no route has an archive.
func newArchives(options Options, log *failureLog) *archives {
	a := &archives{topology: options.Topology, log: log, byTopic: map[string]Route{}}
	for _, route := range options.Routes {
		if route.archive == nil {
			continue
		}
		if len(a.byTopic) == 0 {
			a.unnamed = route
		}
		a.byTopic[route.topic] = route
	}
	if len(a.byTopic) == 0 {
		return nil
	}
	return a
}

// handle archives one dead letter.
func (a *archives) handle(msg *message.Message) error {
	route, err := a.routeOf(msg)
	if err != nil {
		return err
	}
	letter, err := route.archive(msg)
	if err != nil {
		return err
	}
	if !hasCause(msg) {
		a.log.deathAtBroker(letter)
	}
	return nil
}

// routeOf returns the route for a dead letter. It returns an error for a letter whose
// topic has no route here, because a worker of a later version may have one.
func (a *archives) routeOf(msg *message.Message) (Route, error) {
	if topic := topicOfLetter(msg); topic != "" {
		route, ok := a.byTopic[topic]
		if !ok {
			return Route{}, fmt.Errorf("this worker has no route for dead letters of the topic %q", topic)
		}
		return route, nil
	}
	if route, ok := a.byTopic[topicByBroker(a.topology, msg)]; ok {
		return route, nil
	}
	return a.unnamed, nil
}
