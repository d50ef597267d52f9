'use strict';
// The browser's half of `ice demo`. One RTCPeerConnection, one WebSocket to the program, and a model that is drawn after every change.
// The program speaks ICE and knows no SDP: descriptions are taken apart and made up here, with a made-up fingerprint, so ICE connects
// and DTLS stays at its first flight.

const query = new URLSearchParams(location.search);
const options = { role: query.get('role') || 'offerer', trickle: query.get('trickle') || 'full' };
const model = { state: 'new', reason: null, over: false, browserState: 'new', agentState: 'new', startedAt: performance.now(), connectedAt: null,
  browser: [], agent: [], pairs: [], agentPair: null, browserPair: null, received: 0, agentRole: '', timeline: [] };
window.demo = model;

const $ = id => document.getElementById(id);
const element = (tag, properties, ...children) => { const e = Object.assign(document.createElement(tag), properties || {}); e.append(...children); return e; };
const svg = (tag, attributes) => { const e = document.createElementNS('http://www.w3.org/2000/svg', tag); for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v); return e; };
const endPoint = c => c.address.includes(':') ? `[${c.address}]:${c.port}` : `${c.address}:${c.port}`;
const short = text => text.length > 34 ? text.slice(0, 13) + '…' + text.slice(-18) : text;
const count = (n, noun) => `${n} ${noun}${n === 1 ? '' : 's'}`;
const milliseconds = v => v === null || v === undefined ? '' : (v < 10 ? v.toFixed(2) : v.toFixed(0)) + ' ms';
const typeNames = { host: 'host', srflx: 'server reflexive', prflx: 'peer reflexive', relay: 'relayed' };
const stateNames = { frozen: 'frozen', waiting: 'waiting', inprogress: 'in progress', succeeded: 'succeeded', failed: 'failed', selected: 'selected' };

function parseCandidate(line) {
  const f = line.replace(/^(a=)?candidate:/, '').trim().split(/\s+/);
  return { component: +f[1], transport: f[2].toLowerCase(), priority: +f[3], address: f[4], port: +f[5], type: f[7] };
}

function note(who, what, mood) {
  model.timeline.push({ at: performance.now() - model.startedAt, who, what, mood: mood || '' });
  draw();
}

// ---- SDP: what of it is ICE ---------------------------------------------------------------------------------------------------------

function takeApart(sdp) {
  const line = name => (new RegExp('^a=' + name + ':(\\S+)', 'm').exec(sdp) || [])[1];
  return { ufrag: line('ice-ufrag'), pwd: line('ice-pwd'), candidates: [...sdp.matchAll(/^a=(candidate:.*?)\r?$/gm)].map(m => m[1]) };
}

function makeUp(type, ice, mid) {
  const fingerprint = [...crypto.getRandomValues(new Uint8Array(32))].map(b => b.toString(16).padStart(2, '0').toUpperCase()).join(':');
  return ['v=0', 'o=- 1 1 IN IP4 0.0.0.0', 's=-', 't=0 0', 'a=group:BUNDLE ' + mid, ...(ice.lite ? ['a=ice-lite'] : []),
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'c=IN IP4 0.0.0.0', 'a=mid:' + mid, 'a=ice-ufrag:' + ice.ufrag, 'a=ice-pwd:' + ice.pwd,
    'a=ice-options:trickle', 'a=fingerprint:sha-256 ' + fingerprint, 'a=setup:' + (type === 'offer' ? 'actpass' : 'passive'),
    'a=sctp-port:5000', 'a=max-message-size:262144', ...ice.candidates.map(c => 'a=' + c), ...(ice.end ? ['a=end-of-candidates'] : []), ''].join('\r\n');
}

// ---- the connection -----------------------------------------------------------------------------------------------------------------

const pc = new RTCPeerConnection();
const socket = new WebSocket(`ws://${location.host}/signalling?role=${encodeURIComponent(options.role)}&trickle=${encodeURIComponent(options.trickle)}`);
const send = message => { if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message)); };
let work = Promise.resolve(); // messages are handled one after the other: addIceCandidate must not overtake setRemoteDescription
const mid = () => (/^a=mid:(\S+)/m.exec(pc.localDescription ? pc.localDescription.sdp : '') || [])[1] || '0';

function describe() {
  const ice = takeApart(pc.localDescription.sdp);
  const whole = options.trickle === 'none';
  send({ type: 'remote', ufrag: ice.ufrag, pwd: ice.pwd, candidates: whole ? ice.candidates : [], end: whole });
  note('browser', whole ? `sends its description with ${count(ice.candidates.length, 'candidate')}` : 'sends its description; candidates trickle');
}

const gathered = () => pc.iceGatheringState === 'complete' ? Promise.resolve()
  : new Promise(done => pc.addEventListener('icegatheringstatechange', () => { if (pc.iceGatheringState === 'complete') done(); }));

// A candidate may be found before the description has gone out: what trickles waits for it.
const trickled = { open: false, waiting: [] };
function trickleOut(message) {
  if (options.trickle === 'none') return;
  if (trickled.open) send(message); else trickled.waiting.push(message);
}

async function local(description) {
  await pc.setLocalDescription(description);
  if (options.trickle === 'none') await gathered();
  describe();
  trickled.open = true;
  trickled.waiting.splice(0).forEach(send);
}

pc.onicecandidate = e => {
  if (!e.candidate) { trickleOut({ type: 'end' }); note('browser', 'has no more candidates'); return; }
  if (!e.candidate.candidate) return; // Firefox marks each generation's end so
  const c = parseCandidate(e.candidate.candidate);
  model.browser.push(c);
  trickleOut({ type: 'candidate', candidate: e.candidate.candidate });
  note('browser', `gathered ${c.transport} ${typeNames[c.type] || c.type} ${short(endPoint(c))}`);
};
pc.oniceconnectionstatechange = () => {
  model.browserState = pc.iceConnectionState;
  note('browser', `ICE is ${model.browserState}`, /connected|completed/.test(model.browserState) ? 'good' : model.browserState === 'failed' ? 'bad' : '');
  judge();
  readStats();
};

async function handle(message) {
  switch (message.type) {
    case 'hello':
      Object.assign(model, { agentRole: message.role });
      note('agent', `ready, ${message.role}`);
      if (options.role === 'offerer') {
        pc.createDataChannel('demo');
        await local(await pc.createOffer());
      }
      break;
    case 'local': {
      const type = options.role === 'offerer' ? 'answer' : 'offer';
      await pc.setRemoteDescription({ type, sdp: makeUp(type, message, mid()) });
      note('agent', message.candidates.length ? `sent its description with ${count(message.candidates.length, 'candidate')}` : 'sent its description; candidates trickle');
      if (type === 'offer') await local(await pc.createAnswer());
      break;
    }
    case 'candidate': {
      const c = parseCandidate(message.candidate);
      model.agent.push(c);
      note('agent', `gathered ${c.transport} ${typeNames[c.type]} ${short(endPoint(c))}`);
      if (message.trickled) await pc.addIceCandidate({ candidate: message.candidate, sdpMid: mid(), sdpMLineIndex: 0 });
      break;
    }
    case 'end':
      note('agent', 'has no more candidates');
      await pc.addIceCandidate({ candidate: '', sdpMid: mid(), sdpMLineIndex: 0 }).catch(() => {}); // not every browser takes the end mark
      break;
    case 'state':
      if (model.over) break;
      model.agentState = message.state;
      note('agent', `ICE is ${message.state}` + (message.reason ? `: ${message.reason}` : ''), message.state === 'connected' ? 'good' : message.state === 'failed' ? 'bad' : '');
      model.reason = message.reason || null;
      judge();
      break;
    case 'role': model.agentRole = message.role; note('agent', `is ${message.role} now, after a role conflict`); break;
    case 'snapshot':
      if (model.received === 0 && message.received > 0) note('agent', `received ${message.firstLength} bytes over the path: the browser's DTLS ClientHello`, 'good');
      model.received = message.received;
      takePairs(message.pairs);
      break;
    case 'error': model.over = true; model.state = 'failed'; model.reason = message.message; note('agent', message.message, 'bad'); break;
  }
}

function takePairs(pairs) {
  const before = model.agentPair;
  model.pairs = pairs.map(p => ({ ...p, state: p.state.replace('-', '') }));
  model.agentPair = pairs.find(p => p.selected) || null;
  const name = p => `${short(endPoint(p.remote))} ⇄ ${short(endPoint(p.local))}`;
  if (model.agentPair && (!before || before.id !== model.agentPair.id)) note('agent', `selected ${name(model.agentPair)}`, 'good');
  draw();
}

function judge() {
  const up = s => s === 'connected' || s === 'completed';
  const was = model.state;
  if (model.over) return;
  if (up(model.browserState) && model.agentState === 'connected') model.state = 'connected';
  else if (model.browserState === 'failed' || model.agentState === 'failed') model.state = 'failed';
  else if (model.browserState === 'disconnected' || model.agentState === 'disconnected') model.state = 'disconnected';
  else if (model.browserState === 'closed' || model.agentState === 'closed') model.state = 'closed';
  else if (model.browserState !== 'new' || model.agentState !== 'new') model.state = 'checking';
  if (model.state === 'connected' && model.connectedAt === null) model.connectedAt = performance.now() - model.startedAt;
  if (was !== model.state) draw();
}

async function readStats() {
  const byId = new Map();
  (await pc.getStats()).forEach(s => byId.set(s.id, s));
  const all = [...byId.values()];
  const transport = all.find(s => s.type === 'transport' && s.selectedCandidatePairId);
  const pair = (transport && byId.get(transport.selectedCandidatePairId)) || all.find(s => s.type === 'candidate-pair' && s.selected);
  if (!pair) return;
  const side = id => { const c = byId.get(id); return { address: c.address || c.ip || '', port: c.port, type: c.candidateType, transport: c.protocol }; };
  const next = { local: side(pair.localCandidateId), remote: side(pair.remoteCandidateId), rtt: pair.currentRoundTripTime === undefined ? null : pair.currentRoundTripTime * 1000 };
  const changed = JSON.stringify([model.browserPair && [model.browserPair.local, model.browserPair.remote]]) !== JSON.stringify([[next.local, next.remote]]);
  model.browserPair = next;
  if (changed) send({ type: 'browser', state: pc.iceConnectionState, local: next.local, remote: next.remote });
  draw();
}

socket.onmessage = e => { const message = JSON.parse(e.data); work = work.then(() => handle(message)).catch(error => note('browser', String(error), 'bad')); };
// In its turn: an error that came before the end is the reason for it.
socket.onclose = e => { work = work.then(() => ended(e.code === 1000)); };
function ended(cleanly) {
  if (!model.over) {
    model.state = model.agentState = 'closed';
    model.reason = cleanly ? 'The agent ended the session.' : 'The ice program is gone: start `ice demo` again, then connect again.';
    note('agent', 'closed the session', cleanly ? '' : 'bad');
  }
  model.over = true;
  draw();
}
const statsTimer = setInterval(() => { if (pc.iceConnectionState === 'closed') clearInterval(statsTimer); else readStats(); }, 1000);
window.addEventListener('pagehide', () => { socket.close(1000); pc.close(); });

// ---- drawing ------------------------------------------------------------------------------------------------------------------------

let drawing = false;
function draw() {
  if (drawing) return;
  drawing = true;
  // Not requestAnimationFrame: a hidden tab has none, and its state is read all the same.
  setTimeout(() => { drawing = false; document.documentElement.dataset.state = model.state; drawVerdict(); drawSides(); drawPairs(); drawTimeline(); }, 16);
}

// The browser may hide its own address behind a name, so the pair is compared by what both know: the agent's address and both ports.
function sidesAgree() {
  const a = model.agentPair, b = model.browserPair;
  return a && b && a.local.address === b.remote.address && a.local.port === b.remote.port && a.remote.port === b.local.port;
}

function drawVerdict() {
  const pair = model.agentPair;
  $('badge').textContent = model.state;
  $('headline').textContent = {
    new: 'Connecting to the agent', checking: 'Looking for a path', disconnected: 'The path stopped answering', failed: model.over ? 'The agent refused' : 'No path', closed: 'The session has ended',
    // Each side knows its own candidate's type best: one that the browser hid is only peer reflexive to the agent.
    connected: pair ? `Connected: ${typeNames[model.browserPair ? model.browserPair.local.type : pair.remote.type]} to ${typeNames[pair.local.type]}` : 'Connected',
  }[model.state];
  const agreement = model.state !== 'connected' ? '' : sidesAgree() ? ' · both sides selected this pair' : ' · comparing the sides';
  $('subline').textContent = model.reason || (pair ? `${endPoint(pair.remote)} ⇄ ${endPoint(pair.local)}${agreement}` : `browser ${model.browserState}, agent ${model.agentState}`);
  const facts = model.connectedAt === null ? [] : [['Connected after', milliseconds(model.connectedAt)],
    ['Round trip', milliseconds((model.browserPair && model.browserPair.rtt) ?? (pair && pair.rtt)) || '–'], ['Datagrams received', String(model.received)]];
  $('facts').replaceChildren(...facts.map(([t, d]) => element('div', {}, element('dt', {}, t), element('dd', {}, d))));
}

const same = (c, p) => c.address === p.address && c.port === p.port && (c.transport || 'udp') === (p.transport || 'udp');

// What a pair's candidate is drawn as: the signalled one; a name stands for the address that the agent saw behind its port.
const findIndex = (list, candidate) => { const i = list.findIndex(c => same(c, candidate)); return i >= 0 ? i : list.findIndex(c => c.address.endsWith('.local') && c.port === candidate.port); };

function sideItems(list, pairCandidates) {
  const items = list.map(c => ({ ...c }));
  for (const p of pairCandidates) {
    const i = findIndex(items, p);
    if (i < 0) items.push({ ...p, learned: true });
    else if (items[i].address !== p.address) items[i].seen = endPoint(p);
  }
  return items;
}

function drawSides() {
  const browser = sideItems(model.browser, model.pairs.map(p => p.remote)), agent = sideItems(model.agent, model.pairs.map(p => p.local));
  $('browser-role').textContent = options.role;
  $('agent-role').textContent = model.agentRole;
  fillSide($('browser-candidates'), browser, model.agentPair && findIndex(browser, model.agentPair.remote));
  fillSide($('agent-candidates'), agent, model.agentPair && findIndex(agent, model.agentPair.local));
  drawLines(browser, agent);
}

function fillSide(list, items, selected) {
  if (!items.length) { list.replaceChildren(element('li', { className: 'empty' }, 'no candidate yet')); return; }
  list.replaceChildren(...items.map((c, i) => element('li', { className: i === selected ? 'selected' : '', title: `${endPoint(c)} ${c.transport} ${c.type} priority ${c.priority}` },
    element('span', { className: 'mono' }, endPoint(c)),
    element('span', { className: 'meta' }, `${c.transport} ${typeNames[c.type] || c.type} · priority ${c.priority}` + (c.seen ? ` · seen as ${c.seen}` : '') + (c.learned ? ' · learned from a check' : '')))));
}

function drawLines(browser, agent) {
  const box = $('sides').getBoundingClientRect(), paths = [];
  const point = (list, index, edge) => { const r = $(list).children[index].getBoundingClientRect(); return { x: r[edge] - box.left, y: (r.top + r.bottom) / 2 - box.top }; };
  for (const pair of [...model.pairs].sort((a, b) => a.selected - b.selected)) { // the selected one on top
    const a = point('browser-candidates', findIndex(browser, pair.remote), 'right'), b = point('agent-candidates', findIndex(agent, pair.local), 'left');
    const bend = (b.x - a.x) / 2, state = pair.selected ? 'selected' : pair.state;
    paths.push(svg('path', { class: state, d: `M${a.x} ${a.y}C${a.x + bend} ${a.y} ${b.x - bend} ${b.y} ${b.x} ${b.y}` }));
    if (!pair.selected) continue;
    paths.push(svg('circle', { cx: a.x, cy: a.y, r: 5 }), svg('circle', { cx: b.x, cy: b.y, r: 5 }));
    const label = milliseconds((model.browserPair && model.browserPair.rtt) ?? pair.rtt), width = label.length * 7 + 18, text = svg('text', { x: a.x + bend, y: (a.y + b.y) / 2 });
    text.textContent = label;
    if (label && width < b.x - a.x - 16) paths.push(svg('rect', { x: a.x + bend - width / 2, y: (a.y + b.y) / 2 - 12, width, height: 24, rx: 12 }), text);
  }
  $('lines').replaceChildren(...paths);
}

function drawPairs() {
  const cell = c => element('td', {}, element('span', { className: 'mono', title: endPoint(c) }, short(endPoint(c))), element('small', {}, c.type));
  const number = text => element('td', { className: 'number' }, text);
  const rows = model.pairs.map(p => {
    const state = p.selected ? 'selected' : p.state;
    const what = element('span', { className: 'state ' + state, title: p.reason || '' }, stateNames[state] + (p.nominated && !p.selected ? ', nominated' : ''));
    return element('tr', { className: p.selected ? 'selected' : '' }, element('td', {}, what), cell(p.remote), cell(p.local), number(p.priority), number(milliseconds(p.rtt) || '–'), number(`${p.answered} of ${p.sent}`));
  });
  $('pairs').replaceChildren(...(rows.length ? rows : [element('tr', {}, element('td', { className: 'none', colSpan: 6 }, 'No pair yet: pairs form as soon as both sides have a candidate.'))]));
}

function drawTimeline() {
  const list = $('timeline');
  for (let i = list.children.length; i < model.timeline.length; i++) {
    const t = model.timeline[i];
    list.append(element('li', { className: t.mood }, element('time', {}, milliseconds(t.at)), element('span', { className: 'who' }, t.who), element('span', { className: 'what' }, t.what)));
  }
}

for (const name of ['role', 'trickle']) {
  const choice = document.forms.options.elements[name];
  if ([...choice.options].some(o => o.value === options[name])) choice.value = options[name];
}
new ResizeObserver(draw).observe($('sides'));
draw();
