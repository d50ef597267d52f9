// Two agents of pion/ice that connect with each other: a question is a line of JSON on the standard input, the answer a line of JSON.
// {"cmd":"pair","kind":"host|srflx|relay","serverA":"host:port","serverB":"host:port","user":"","password":""} -> {"a":[...],"b":[...]}
// {"cmd":"connect","toA":[...],"toB":[...]} -> {"selectedA":ms,"selectedB":ms}, from "both know the other's candidates".
// Written for pion/ice 2.3.1 of Debian 12, with its defaults.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/pion/ice/v2"
)

type question struct {
	Cmd, Kind, ServerA, ServerB, User, Password string
	ToA, ToB                                    []string
}

type side struct {
	agent      *ice.Agent
	candidates []string
	ufrag, pwd string
	connection *ice.Conn
}

var kinds = map[string]ice.CandidateType{"host": ice.CandidateTypeHost, "srflx": ice.CandidateTypeServerReflexive, "relay": ice.CandidateTypeRelay}

func newSide(q question, server string) (*side, error) {
	config := &ice.AgentConfig{
		NetworkTypes:     []ice.NetworkType{ice.NetworkTypeUDP4},
		CandidateTypes:   []ice.CandidateType{kinds[q.Kind]},
		MulticastDNSMode: ice.MulticastDNSModeDisabled,
		IncludeLoopback:  true,
		InterfaceFilter:  func(name string) bool { return name == "lo" },
	}
	if q.Kind != "host" {
		host, port, err := net.SplitHostPort(server)
		if err != nil {
			return nil, err
		}
		number, _ := strconv.Atoi(port)
		url := &ice.URL{Scheme: ice.SchemeTypeSTUN, Host: host, Port: number, Proto: ice.ProtoTypeUDP}
		if q.Kind == "relay" {
			url.Scheme, url.Username, url.Password = ice.SchemeTypeTURN, q.User, q.Password
		}
		config.Urls = []*ice.URL{url}
	}
	agent, err := ice.NewAgent(config)
	if err != nil {
		return nil, err
	}
	s := &side{agent: agent}
	gathered := make(chan struct{})
	if err := agent.OnCandidate(func(candidate ice.Candidate) {
		if candidate == nil {
			close(gathered)
		} else {
			s.candidates = append(s.candidates, "candidate:"+candidate.Marshal())
		}
	}); err != nil {
		return nil, err
	}
	if err := agent.GatherCandidates(); err != nil {
		return nil, err
	}
	select {
	case <-gathered:
	case <-time.After(10 * time.Second):
		return nil, fmt.Errorf("gathering took more than 10 s")
	}
	s.ufrag, s.pwd, err = agent.GetLocalUserCredentials()
	return s, err
}

func (s *side) add(candidates []string) error {
	for _, text := range candidates {
		candidate, err := ice.UnmarshalCandidate(strings.TrimPrefix(text, "candidate:"))
		if err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
		if err := s.agent.AddRemoteCandidate(candidate); err != nil {
			return err
		}
	}
	return nil
}

type outcome struct {
	ms  float64
	err error
}

func (s *side) connect(other *side, controlling bool, start time.Time, done chan outcome) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var err error
	if controlling {
		s.connection, err = s.agent.Dial(ctx, other.ufrag, other.pwd)
	} else {
		s.connection, err = s.agent.Accept(ctx, other.ufrag, other.pwd)
	}
	done <- outcome{float64(time.Since(start).Nanoseconds()) / 1e6, err}
}

func connect(q question, a, b *side) (map[string]interface{}, error) {
	defer a.agent.Close()
	defer b.agent.Close()
	if err := a.add(q.ToA); err != nil {
		return nil, err
	}
	if err := b.add(q.ToB); err != nil {
		return nil, err
	}
	doneA, doneB := make(chan outcome, 1), make(chan outcome, 1)
	start := time.Now()
	go a.connect(b, true, start, doneA)
	go b.connect(a, false, start, doneB)
	atA, atB := <-doneA, <-doneB
	if atA.err != nil {
		return nil, atA.err
	}
	if atB.err != nil {
		return nil, atB.err
	}
	return map[string]interface{}{"selectedA": atA.ms, "selectedB": atB.ms}, nil
}

func answer(value map[string]interface{}, err error) {
	if err != nil {
		value = map[string]interface{}{"error": err.Error()}
	}
	text, _ := json.Marshal(value)
	fmt.Println(string(text))
}

func main() {
	var a, b *side
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		var q question
		err := json.Unmarshal(input.Bytes(), &q)
		if err != nil {
			answer(nil, err)
			continue
		}
		switch q.Cmd {
		case "pair":
			if a, err = newSide(q, q.ServerA); err == nil {
				b, err = newSide(q, q.ServerB)
			}
			if err != nil {
				answer(nil, err)
				continue
			}
			answer(map[string]interface{}{"a": a.candidates, "b": b.candidates}, nil)
		case "connect":
			answer(connect(q, a, b))
		default:
			answer(nil, fmt.Errorf("there is no command %q", q.Cmd))
		}
	}
}
