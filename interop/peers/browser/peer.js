// One RTCPeerConnection behind the protocol of the peer programs. The remote description is made up around the other side's ICE parameters,
// with a fingerprint of nobody: ICE connects, and DTLS, of which the browser is made the client, never gets an answer to its ClientHello.
'use strict';

const socket = new WebSocket(`ws://${location.host}/peer`);
const tell = line => socket.send(JSON.stringify(line));
let config = null;
let pc = null;
let ufrag = '';
let pairTold = '';
let work = Promise.resolve();

const fingerprint = Array.from({ length: 32 }, (_, i) => (i + 1).toString(16).padStart(2, '0').toUpperCase()).join(':');
const attribute = name => (new RegExp(`^a=${name}:(\\S+)`, 'm').exec(pc.localDescription ? pc.localDescription.sdp : '') || [])[1];
const mid = () => attribute('mid') || '0';

function iceServers() {
  const stun = (config.stun || []).map(server => ({ urls: `stun:${server}` }));
  const turn = (config.turn || []).map(server => ({
    urls: `turn:${server.host}:${server.port}?transport=${server.transport || 'udp'}`, username: server.user, credential: server.pass,
  }));
  return [...stun, ...turn];
}

function start() {
  pc = new RTCPeerConnection({ iceServers: iceServers(), iceTransportPolicy: config.policy === 'relay' ? 'relay' : 'all' });
  pc.onicecandidate = e => {
    tellLocal();
    if (e.candidate && e.candidate.candidate) tell({ ev: 'candidate', candidate: e.candidate.candidate });
  };
  pc.onicegatheringstatechange = () => {
    if (pc.iceGatheringState !== 'complete') return;
    tellLocal();
    tell({ ev: 'gathered' });
  };
  pc.oniceconnectionstatechange = () => tell({ ev: 'state', state: pc.iceConnectionState });
  setInterval(tellPair, 100);
  tell({ ev: 'ready', agent: navigator.userAgent });
}

function tellLocal() {
  const present = attribute('ice-ufrag');
  if (!present || present === ufrag) return;
  ufrag = present;
  tell({ ev: 'local', ufrag, pwd: attribute('ice-pwd') });
}

// ---- statistics ---------------------------------------------------------------------------------------------------------------------

async function selectedPair() {
  const byId = new Map();
  (await pc.getStats()).forEach(s => byId.set(s.id, s));
  const all = [...byId.values()];
  const transport = all.find(s => s.type === 'transport' && s.selectedCandidatePairId);
  const pair = transport ? byId.get(transport.selectedCandidatePairId) : all.find(s => s.type === 'candidate-pair' && s.selected);
  return pair && { pair, local: byId.get(pair.localCandidateId), remote: byId.get(pair.remoteCandidateId) };
}

// A browser keeps addresses behind names to itself.
const describe = c => `candidate:0 1 udp 0 ${c.address || c.ip || 'hidden'} ${c.port} typ ${c.candidateType}`;

async function tellPair() {
  const selected = await selectedPair();
  if (!selected || !selected.local || !selected.remote) return;
  const line = { ev: 'pair', local: describe(selected.local), remote: describe(selected.remote) };
  const told = JSON.stringify([line, selected.pair.id]);
  if (told === pairTold) return;
  pairTold = told;
  tell(line);
}

async function tellStats() {
  const selected = await selectedPair();
  const received = selected ? selected.pair.packetsReceived ?? selected.pair.bytesReceived ?? 0 : 0;
  tell({ ev: 'stats', received });
}

// ---- descriptions -------------------------------------------------------------------------------------------------------------------

function description(type, other) {
  const sdp = [
    'v=0', 'o=- 1 1 IN IP4 0.0.0.0', 's=-', 't=0 0', `a=group:BUNDLE ${mid()}`, ...(other.lite ? ['a=ice-lite'] : []),
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'c=IN IP4 0.0.0.0', `a=mid:${mid()}`, `a=ice-ufrag:${other.ufrag}`, `a=ice-pwd:${other.pwd}`,
    'a=ice-options:trickle', `a=fingerprint:sha-256 ${fingerprint}`, 'a=setup:passive', 'a=sctp-port:5000', 'a=max-message-size:262144',
    ...(other.candidates || []).map(c => `a=${c}`), ...(other.end ? ['a=end-of-candidates'] : []), '',
  ].join('\r\n');
  return { type, sdp };
}

async function offer(options) {
  await pc.setLocalDescription(await pc.createOffer(options));
  tellLocal();
}

async function remote(other) {
  if (pc.signalingState === 'have-local-offer') {
    await pc.setRemoteDescription(description('answer', other));
    return;
  }
  await pc.setRemoteDescription(description('offer', other));
  await pc.setLocalDescription(await pc.createAnswer());
  tellLocal();
}

async function gather() {
  pc.createDataChannel('data');
  await offer();
}

async function handle(command) {
  switch (command.cmd) {
    case 'gather': await gather(); break;
    case 'restart': await offer({ iceRestart: true }); break;
    case 'remote': await remote(command); break;
    case 'candidate': await pc.addIceCandidate({ candidate: command.candidate, sdpMid: mid(), sdpMLineIndex: 0 }); break;
    case 'end': await pc.addIceCandidate({ candidate: '', sdpMid: mid(), sdpMLineIndex: 0 }).catch(() => {}); break; // not every browser takes the end mark
    case 'stats': await tellStats(); break;
    case 'close': pc.close(); break;
    default: throw new Error(`the page does not know the command ${command.cmd}`);
  }
}

// The first message is the configuration. Commands are handled one after the other: addIceCandidate must not overtake setRemoteDescription.
socket.onmessage = e => {
  const message = JSON.parse(e.data);
  if (config === null) {
    config = message;
    start();
    return;
  }
  work = work.then(() => handle(message)).catch(error => tell({ ev: 'error', message: String(error) }));
};
