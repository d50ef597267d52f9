// The codec of pion/stun, called as pion/ice calls it: a question is a line of JSON on the standard input, the answer a line of JSON.
// {"cmd":"parse|build|build-new-id","count":N,"message":"hex","password":"..."} -> {"nanoseconds":ns}, the processor's time for one
// Written for pion/stun 0.4.0 and after pion/ice 2.3.1 of Debian 12: candidateBase.handleInboundPacket, Agent.handleInbound and
// controllingSelector.nominatePair, whose attributes for ICE are repeated here because pion/ice's package opens sockets of its own.
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/pion/stun"
)

type question struct {
	Cmd, Message, Password string
	Count                  int
}

type useCandidate struct{}

func (useCandidate) AddTo(m *stun.Message) error {
	m.Add(stun.AttrUseCandidate, nil)
	return nil
}

type attrControlling uint64

func (a attrControlling) AddTo(m *stun.Message) error {
	v := make([]byte, 8)
	binary.BigEndian.PutUint64(v, uint64(a))
	m.Add(stun.AttrICEControlling, v)
	return nil
}

type priorityAttr uint32

func (p priorityAttr) AddTo(m *stun.Message) error {
	v := make([]byte, 4)
	binary.BigEndian.PutUint32(v, uint32(p))
	m.Add(stun.AttrPriority, v)
	return nil
}

var errWrong = errors.New("the message is not what it should be")

// What an agent knows of the session; the strings are put together for each message, as pion/ice does.
type session struct {
	localUfrag, remoteUfrag, password string
}

func (s *session) parse(datagram []byte) error {
	if !stun.IsMessage(datagram) {
		return errWrong
	}
	m := &stun.Message{Raw: make([]byte, len(datagram))}
	copy(m.Raw, datagram)
	if err := m.Decode(); err != nil {
		return err
	}
	if m.Type.Method != stun.MethodBinding || m.Type.Class != stun.ClassRequest || m.Contains(stun.AttrICEControlled) {
		return errWrong
	}
	var username stun.Username
	if err := username.GetFrom(m); err != nil {
		return err
	} else if string(username) != s.localUfrag+":"+s.remoteUfrag {
		return errWrong
	}
	if err := stun.MessageIntegrity([]byte(s.password)).Check(m); err != nil {
		return err
	}
	if !m.Contains(stun.AttrUseCandidate) {
		return errWrong
	}
	return nil
}

func (s *session) build(id stun.Setter) (*stun.Message, error) {
	return stun.Build(stun.BindingRequest, id,
		stun.NewUsername(s.localUfrag+":"+s.remoteUfrag),
		useCandidate{},
		attrControlling(0x932FF9B151263B36),
		priorityAttr(0x6E7F1EFF),
		stun.NewShortTermIntegrity(s.password),
		stun.Fingerprint,
	)
}

func (s *session) run(q question, datagram []byte) error {
	id := stun.NewTransactionIDSetter([stun.TransactionIDSize]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
	for i := 0; i < q.Count; i++ {
		var built *stun.Message
		var err error
		switch q.Cmd {
		case "parse":
			err = s.parse(datagram)
		case "build":
			built, err = s.build(id)
		case "build-new-id":
			built, err = s.build(stun.TransactionID)
		default:
			err = fmt.Errorf("no such command: %s", q.Cmd)
		}
		if err != nil {
			return err
		}
		if built != nil && len(built.Raw) != len(datagram) {
			return errWrong
		}
	}
	return nil
}

func answer(text []byte, s *session) (float64, error) {
	var q question
	if err := json.Unmarshal(text, &q); err != nil {
		return 0, err
	}
	datagram, err := hex.DecodeString(q.Message)
	if err != nil {
		return 0, err
	}
	s.password = q.Password
	before := processorTime()
	err = s.run(q, datagram)
	return float64(processorTime()-before) / float64(q.Count), err
}

// Of all threads, in nanoseconds: what is allocated has to be collected, too.
func processorTime() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func main() {
	s := &session{localUfrag: "h6vY", remoteUfrag: "evtj"}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		line := map[string]interface{}{}
		if nanoseconds, err := answer(lines.Bytes(), s); err != nil {
			line["error"] = err.Error()
		} else {
			line["nanoseconds"] = nanoseconds
		}
		text, _ := json.Marshal(line)
		fmt.Println(string(text))
	}
}
