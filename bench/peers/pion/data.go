// Datagrams between two connected agents of pion/ice: a question is a line of JSON on the standard input, the answer a line of JSON.
// {"cmd":"oneway","size":160,"window":64,"windows":50} -> {"ns":[...]}: processor time of the process for each datagram sent and received
// {"cmd":"pingpong","size":160,"trips":200} -> {"us":[...]}: the time of each round trip
// Written for pion/ice 2.3.1 of Debian 12, with its defaults.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/pion/ice/v2"
)

type question struct {
	Cmd                          string
	Size, Window, Windows, Trips int
}

func answer(value map[string]interface{}) {
	text, _ := json.Marshal(value)
	fmt.Println(string(text))
}

func must(err error) {
	if err != nil {
		answer(map[string]interface{}{"error": err.Error()})
		os.Exit(1)
	}
}

func newAgent(gathered chan struct{}) *ice.Agent {
	agent, err := ice.NewAgent(&ice.AgentConfig{
		NetworkTypes:     []ice.NetworkType{ice.NetworkTypeUDP4},
		CandidateTypes:   []ice.CandidateType{ice.CandidateTypeHost},
		MulticastDNSMode: ice.MulticastDNSModeDisabled,
		IncludeLoopback:  true,
		IPFilter:         func(address net.IP) bool { return address.IsLoopback() },
	})
	must(err)
	must(agent.OnCandidate(func(candidate ice.Candidate) {
		if candidate == nil {
			close(gathered)
		}
	}))
	must(agent.GatherCandidates())
	return agent
}

func introduce(from, to *ice.Agent) {
	candidates, err := from.GetLocalCandidates()
	must(err)
	for _, candidate := range candidates {
		copied, err := ice.UnmarshalCandidate(candidate.Marshal())
		must(err)
		must(to.AddRemoteCandidate(copied))
	}
}

func connect() (left, right *ice.Conn) {
	gatheredA, gatheredB := make(chan struct{}), make(chan struct{})
	a, b := newAgent(gatheredA), newAgent(gatheredB)
	<-gatheredA
	<-gatheredB
	introduce(a, b)
	introduce(b, a)
	ufragA, pwdA, err := a.GetLocalUserCredentials()
	must(err)
	ufragB, pwdB, err := b.GetLocalUserCredentials()
	must(err)
	accepted := make(chan *ice.Conn)
	go func() {
		connection, err := b.Accept(context.Background(), ufragA, pwdA)
		must(err)
		accepted <- connection
	}()
	left, err = a.Dial(context.Background(), ufragB, pwdB)
	must(err)
	return left, <-accepted
}

func processorTime() int64 {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func main() {
	left, right := connect()
	// Only written while nothing is under way.
	returns, window := false, 0
	arrived := make(chan struct{}, 1)
	go func() {
		buffer := make([]byte, 2048)
		for count := 0; ; {
			length, err := right.Read(buffer)
			must(err)
			if returns {
				_, err = right.Write(buffer[:length])
				must(err)
				continue
			}
			if count++; count == window {
				count = 0
				arrived <- struct{}{}
			}
		}
	}()
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		var q question
		must(json.Unmarshal(input.Bytes(), &q))
		data := make([]byte, q.Size)
		for i := range data {
			data[i] = 0xA5
		}
		if q.Cmd == "oneway" {
			returns, window = false, q.Window
			before := processorTime()
			for i := 0; i < q.Windows; i++ {
				for j := 0; j < q.Window; j++ {
					_, err := left.Write(data)
					must(err)
				}
				<-arrived
			}
			answer(map[string]interface{}{"ns": []float64{float64(processorTime()-before) / float64(q.Windows*q.Window)}})
			continue
		}
		returns = true
		buffer := make([]byte, 2048)
		trips := make([]float64, q.Trips)
		for i := range trips {
			start := time.Now()
			_, err := left.Write(data)
			must(err)
			_, err = left.Read(buffer)
			must(err)
			trips[i] = float64(time.Since(start).Nanoseconds()) / 1000
		}
		answer(map[string]interface{}{"us": trips})
	}
}
