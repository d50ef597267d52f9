// pion/ice as a peer program: JSON lines in, JSON lines out. Written for pion/ice 2.3.1 of Debian 12.
// GO111MODULE=off GOPATH=/usr/share/gocode go build -o pion_peer main.go
package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/pion/ice/v2"
)

type turnServer struct {
	Host, Transport, User, Pass string
	Port                        int
}

type config struct {
	Role, Policy     string
	Stun             []string
	Turn             []turnServer
	Ipv6, Mdns, Lite *bool
}

type command struct {
	Cmd, Ufrag, Pwd, Candidate, Data, Hex string
	Candidates                            []string
}

type line map[string]interface{}

var telling sync.Mutex

func tell(l line) {
	text, _ := json.Marshal(l)
	telling.Lock()
	defer telling.Unlock()
	fmt.Println(string(text))
}

func tellError(err error) {
	if err != nil {
		tell(line{"ev": "error", "message": err.Error()})
	}
}

func valueOr(value *bool, absent bool) bool {
	if value == nil {
		return absent
	}
	return *value
}

func (c config) networkTypes() []ice.NetworkType {
	types := []ice.NetworkType{ice.NetworkTypeUDP4}
	if valueOr(c.Ipv6, true) {
		types = append(types, ice.NetworkTypeUDP6)
	}
	return types
}

func (c config) urls() []*ice.URL {
	var urls []*ice.URL
	for _, server := range c.Stun {
		host, port, err := net.SplitHostPort(server)
		tellError(err)
		number, _ := strconv.Atoi(port)
		urls = append(urls, &ice.URL{Scheme: ice.SchemeTypeSTUN, Host: host, Port: number, Proto: ice.ProtoTypeUDP})
	}
	for _, server := range c.Turn {
		url := &ice.URL{Scheme: ice.SchemeTypeTURN, Host: server.Host, Port: server.Port, Username: server.User, Password: server.Pass, Proto: ice.ProtoTypeUDP}
		if server.Transport == "tcp" {
			url.Proto = ice.ProtoTypeTCP
		}
		urls = append(urls, url)
	}
	return urls
}

func (c config) agentConfig() *ice.AgentConfig {
	agent := &ice.AgentConfig{NetworkTypes: c.networkTypes(), Urls: c.urls(), Lite: valueOr(c.Lite, false), MulticastDNSMode: ice.MulticastDNSModeDisabled}
	if valueOr(c.Mdns, false) {
		agent.MulticastDNSMode = ice.MulticastDNSModeQueryAndGather
	}
	if agent.Lite {
		agent.CandidateTypes = []ice.CandidateType{ice.CandidateTypeHost}
	}
	if c.Policy == "relay" {
		agent.CandidateTypes = []ice.CandidateType{ice.CandidateTypeRelay}
	}
	return agent
}

type peer struct {
	agent       *ice.Agent
	controlling bool
	started     bool
	connection  chan *ice.Conn
}

func newPeer(c config) (*peer, error) {
	agent, err := ice.NewAgent(c.agentConfig())
	if err != nil {
		return nil, err
	}
	p := &peer{agent: agent, controlling: c.Role != "controlled", connection: make(chan *ice.Conn, 1)}
	tellError(agent.OnCandidate(func(candidate ice.Candidate) {
		if candidate == nil {
			tell(line{"ev": "gathered"})
		} else {
			tell(line{"ev": "candidate", "candidate": "candidate:" + candidate.Marshal()})
		}
	}))
	tellError(agent.OnConnectionStateChange(func(state ice.ConnectionState) {
		tell(line{"ev": "state", "state": strings.ToLower(state.String())})
	}))
	tellError(agent.OnSelectedCandidatePairChange(func(local, remote ice.Candidate) {
		tell(line{"ev": "pair", "local": "candidate:" + local.Marshal(), "remote": "candidate:" + remote.Marshal()})
	}))
	return p, nil
}

func (p *peer) tellLocal() {
	ufrag, pwd, err := p.agent.GetLocalUserCredentials()
	tellError(err)
	tell(line{"ev": "local", "ufrag": ufrag, "pwd": pwd})
}

func (p *peer) add(text string) {
	// An empty candidate is the end of them, of which pion makes no use.
	if text == "" {
		return
	}
	candidate, err := ice.UnmarshalCandidate(strings.TrimPrefix(text, "candidate:"))
	if err != nil {
		tellError(fmt.Errorf("%s: %w", text, err))
		return
	}
	tellError(p.agent.AddRemoteCandidate(candidate))
}

func (p *peer) remote(c command) {
	for _, text := range c.Candidates {
		p.add(text)
	}
	if p.started {
		tellError(p.agent.SetRemoteCredentials(c.Ufrag, c.Pwd))
		return
	}
	p.started = true
	go p.connect(c.Ufrag, c.Pwd)
}

func (p *peer) connect(ufrag, pwd string) {
	var connection *ice.Conn
	var err error
	if p.controlling {
		connection, err = p.agent.Dial(context.Background(), ufrag, pwd)
	} else {
		connection, err = p.agent.Accept(context.Background(), ufrag, pwd)
	}
	if err != nil {
		tellError(err)
		return
	}
	p.connection <- connection
	buffer := make([]byte, 65536)
	for {
		n, err := connection.Read(buffer)
		if err != nil {
			tellError(err)
			return
		}
		tell(line{"ev": "data", "len": n, "hex": hex.EncodeToString(buffer[:n]), "text": string(buffer[:n])})
	}
}

func (p *peer) send(c command) {
	data := []byte(c.Data)
	if c.Hex != "" {
		data, _ = hex.DecodeString(c.Hex)
	}
	select {
	case connection := <-p.connection:
		_, err := connection.Write(data)
		tellError(err)
		p.connection <- connection
	default:
		tellError(fmt.Errorf("pion is not connected yet"))
	}
}

func (p *peer) handle(c command) {
	switch c.Cmd {
	case "gather":
		tellError(p.agent.GatherCandidates())
	case "remote":
		p.remote(c)
	case "candidate":
		p.add(c.Candidate)
	case "end":
	case "restart":
		tellError(p.agent.Restart("", ""))
		p.tellLocal()
		tellError(p.agent.GatherCandidates())
	case "send":
		p.send(c)
	default:
		tellError(fmt.Errorf("this program does not know the command %q", c.Cmd))
	}
}

func main() {
	var c config
	if len(os.Args) > 1 {
		tellError(json.Unmarshal([]byte(os.Args[1]), &c))
	}
	p, err := newPeer(c)
	if err != nil {
		tellError(err)
		os.Exit(2)
	}
	p.tellLocal()
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(make([]byte, 1<<20), 1<<20)
	for input.Scan() {
		var c command
		if err := json.Unmarshal(input.Bytes(), &c); err != nil {
			tellError(err)
			continue
		}
		if c.Cmd == "close" {
			break
		}
		p.handle(c)
	}
	tellError(p.agent.Close())
}
