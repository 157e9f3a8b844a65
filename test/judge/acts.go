package main

import (
	"fmt"
	"time"
)

// The simplest rules about acts: nothing is approved without acts in every requirement of the rule that bound it, and nobody acts in
// a seat that the roster named does not give them. Written from docs/events.md alone.

type object = map[string]any

// term is one person's time in one seat of a body.
type term struct{ id, body, seat, from, to string }

// officials is one version of the roster: who certifies the acts of each body, and every term.
type officials struct {
	witness map[string]string
	terms   []term
}

// progress is what was done about one change since its words and its rule last changed.
type progress struct {
	revision float64
	require  []any
	acted    map[string]bool
	done     map[string]bool
}

type actJudge struct {
	rosters map[float64]officials
	changes map[string]*progress
}

func newActJudge() *actJudge {
	return &actJudge{map[float64]officials{}, map[string]*progress{}}
}

func text(value any) string {
	s, _ := value.(string)
	return s
}

// check reads the events of one commit, and says which of them nobody could have made.
func (j *actJudge) check(c *commit) error {
	for _, event := range c.Events {
		if err := j.event(c, event); err != nil {
			return fmt.Errorf("%s@%d: %w", c.Stream, c.Version, err)
		}
	}
	return nil
}

func (j *actJudge) event(c *commit, event object) error {
	name := fmt.Sprintf("%s/%v", c.Stream, event["change"])
	change := j.changes[name]
	switch kind := text(event["type"]); kind {
	case "RosterAdopted":
		number, _ := event["number"].(float64)
		j.rosters[number] = readOfficials(event["roster"])
	case "ChangeNotified", "ChangeRevised", "PolicyPinned":
		revision, _ := event["revision"].(float64)
		next := &progress{revision, nil, map[string]bool{}, map[string]bool{}}
		if pinned, ok := event["pinned"].(object); ok {
			next.require, _ = pinned["require"].([]any)
		}
		j.changes[name] = next
	case "VoteCertified", "SignatureGiven", "BallotCast", "AdviceGiven":
		if change == nil || event["revision"] != change.revision {
			return fmt.Errorf("%s is on words that do not stand", kind)
		}
		if err := j.inOffice(change, event, kind == "VoteCertified"); err != nil {
			return err
		}
		if text(event["decision"]) != "refuse" {
			change.acted[text(event["requirement"])] = true
		}
	case "RequirementMet", "VetoOverridden":
		id := text(event["requirement"])
		if change == nil || (kind == "RequirementMet" && !change.acted[id]) {
			return fmt.Errorf("%s of %s follows from no act", kind, id)
		}
		change.done[id] = true
	case "ChangeApproved":
		return approved(change, event)
	}
	return nil
}

// approved says whether every requirement that counts was met or overturned.
func approved(change *progress, event object) error {
	if change == nil || len(change.require) == 0 || event["revision"] != change.revision {
		return fmt.Errorf("an approval of what no rule binds")
	}
	for _, each := range change.require {
		requirement, _ := each.(object)
		if id := text(requirement["id"]); text(requirement["instrument"]) != "advice" && !change.done[id] {
			return fmt.Errorf("an approval without %s", id)
		}
	}
	return nil
}

// inOffice says whether the person holds the seat: of the body that the requirement names, or of the office that certifies for it.
// The zone of the city is not read here, so the day before and the day after count as well.
func (j *actJudge) inOffice(change *progress, event object, certifies bool) error {
	number, _ := event["roster"].(float64)
	roster, known := j.rosters[number]
	if !known {
		return fmt.Errorf("roster %v was never adopted", number)
	}
	body := ""
	for _, each := range change.require {
		if requirement, _ := each.(object); text(requirement["id"]) == text(event["requirement"]) {
			body = text(requirement["body"])
		}
	}
	if certifies {
		body = roster.witness[body]
	}
	at, err := time.Parse(time.RFC3339, text(event["at"]))
	if err != nil {
		return err
	}
	for _, t := range roster.terms {
		if t.id != text(event["holder"]) || t.seat != text(event["seat"]) || t.body != body {
			continue
		}
		for days := -1; days <= 1; days++ {
			if day := at.AddDate(0, 0, days).Format(time.DateOnly); t.from <= day && (t.to == "" || day <= t.to) {
				return nil
			}
		}
	}
	return fmt.Errorf("%s held no seat %s of %s", text(event["holder"]), text(event["seat"]), body)
}

func readOfficials(value any) officials {
	roster, _ := value.(object)
	found := officials{witness: map[string]string{}}
	bodies, _ := roster["bodies"].(object)
	for name, each := range bodies {
		body, _ := each.(object)
		found.witness[name] = text(body["attestedBy"])
	}
	holders, _ := roster["holders"].([]any)
	for _, each := range holders {
		h, _ := each.(object)
		found.terms = append(found.terms, term{text(h["id"]), text(h["body"]), text(h["seat"]), text(h["from"]), text(h["to"])})
	}
	return found
}
