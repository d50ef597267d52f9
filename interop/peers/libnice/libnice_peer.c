// libnice as a peer program: JSON lines in, JSON lines out. Written for libnice 0.1.21 of Debian 12.
// gcc -O1 -Wall -o libnice_peer libnice_peer.c $(pkg-config --cflags --libs nice json-glib-1.0)

#include <json-glib/json-glib.h>
#include <nice/agent.h>
#include <nice/interfaces.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static NiceAgent *agent;
static guint stream;
static guint components;
static GMainLoop *loop;

// ---- telling -------------------------------------------------------------------------------------------------------------------------

static JsonObject *line_of(const char *kind) {
  JsonObject *line = json_object_new();
  json_object_set_string_member(line, "ev", kind);
  return line;
}

// Prints the line and frees it.
static void tell(JsonObject *line) {
  JsonNode *node = json_node_init_object(json_node_alloc(), line);
  char *text = json_to_string(node, FALSE);
  puts(text);
  fflush(stdout);
  g_free(text);
  json_node_unref(node);
  json_object_unref(line);
}

static void tell_error(const char *message) {
  JsonObject *line = line_of("error");
  json_object_set_string_member(line, "message", message);
  tell(line);
}

static void tell_local(void) {
  char *ufrag;
  char *pwd;
  nice_agent_get_local_credentials(agent, stream, &ufrag, &pwd);
  JsonObject *line = line_of("local");
  json_object_set_string_member(line, "ufrag", ufrag);
  json_object_set_string_member(line, "pwd", pwd);
  tell(line);
  g_free(ufrag);
  g_free(pwd);
}

static void tell_candidate(NiceCandidate *candidate) {
  char *sdp = nice_agent_generate_local_candidate_sdp(agent, candidate);
  JsonObject *line = line_of("candidate");
  json_object_set_string_member(line, "candidate", g_str_has_prefix(sdp, "a=") ? sdp + 2 : sdp);
  tell(line);
  g_free(sdp);
}

// Not nice_agent_generate_local_candidate_sdp: it knows local candidates only.
static char *describe(const NiceCandidate *candidate) {
  static const char *types[] = {"host", "srflx", "prflx", "relay"};
  char address[NICE_ADDRESS_STRING_LEN];
  nice_address_to_string(&candidate->addr, address);
  return g_strdup_printf("candidate:%s %u %s %u %s %u typ %s", candidate->foundation, candidate->component_id,
                         candidate->transport == NICE_CANDIDATE_TRANSPORT_UDP ? "udp" : "tcp", candidate->priority, address,
                         nice_address_get_port(&candidate->addr), types[candidate->type]);
}

// ---- signals of the agent --------------------------------------------------------------------------------------------------------------

static void on_candidate(NiceAgent *source, NiceCandidate *candidate, gpointer context) {
  tell_candidate(candidate);
}

static void on_gathered(NiceAgent *source, guint id, gpointer context) {
  tell(line_of("gathered"));
}

static void on_state(NiceAgent *source, guint id, guint component, guint state, gpointer context) {
  static const char *names[] = {"disconnected", "gathering", "checking", "connected", "completed", "failed"};
  JsonObject *line = line_of("state");
  json_object_set_string_member(line, "state", names[state]);
  json_object_set_int_member(line, "component", component);
  tell(line);
}

static void on_pair(NiceAgent *source, guint id, guint component, NiceCandidate *local, NiceCandidate *remote, gpointer context) {
  char *near = describe(local);
  char *far = describe(remote);
  JsonObject *line = line_of("pair");
  json_object_set_int_member(line, "component", component);
  json_object_set_string_member(line, "local", near);
  json_object_set_string_member(line, "remote", far);
  tell(line);
  g_free(near);
  g_free(far);
}

static void on_data(NiceAgent *source, guint id, guint component, guint length, char *data, gpointer context) {
  GString *hex = g_string_sized_new(2 * length);
  for (guint i = 0; i < length; i++)
    g_string_append_printf(hex, "%02x", (guchar)data[i]);
  char *text = g_utf8_make_valid(data, length);
  JsonObject *line = line_of("data");
  json_object_set_int_member(line, "component", component);
  json_object_set_int_member(line, "len", length);
  json_object_set_string_member(line, "hex", hex->str);
  json_object_set_string_member(line, "text", text);
  tell(line);
  g_free(text);
  g_string_free(hex, TRUE);
}

// ---- commands ----------------------------------------------------------------------------------------------------------------------------

static void add_candidate(const char *text) {
  // An empty candidate is the end of them.
  if (text[0] == '\0') {
    nice_agent_peer_candidate_gathering_done(agent, stream);
    return;
  }
  char *attribute = g_strconcat("a=", text, NULL);
  NiceCandidate *candidate = nice_agent_parse_remote_candidate_sdp(agent, stream, attribute);
  g_free(attribute);
  if (candidate == NULL) {
    // A name, for instance: libnice resolves none.
    fprintf(stderr, "libnice does not understand %s\n", text);
    return;
  }
  GSList *list = g_slist_append(NULL, candidate);
  if (nice_agent_set_remote_candidates(agent, stream, candidate->component_id, list) < 1)
    fprintf(stderr, "libnice does not take %s\n", text);
  g_slist_free_full(list, (GDestroyNotify)nice_candidate_free);
}

static void do_remote(JsonObject *command) {
  const char *ufrag = json_object_get_string_member(command, "ufrag");
  const char *pwd = json_object_get_string_member(command, "pwd");
  if (!nice_agent_set_remote_credentials(agent, stream, ufrag, pwd))
    tell_error("libnice does not take the credentials");
  if (json_object_has_member(command, "candidates")) {
    JsonArray *candidates = json_object_get_array_member(command, "candidates");
    for (guint i = 0; i < json_array_get_length(candidates); i++)
      add_candidate(json_array_get_string_element(candidates, i));
  }
  if (json_object_get_boolean_member_with_default(command, "end", TRUE))
    nice_agent_peer_candidate_gathering_done(agent, stream);
}

static void do_send(JsonObject *command) {
  static char payload[65536];
  gsize length = 0;
  const char *hex = json_object_get_string_member_with_default(command, "hex", NULL);
  if (hex != NULL) {
    for (; hex[0] != '\0' && hex[1] != '\0' && length < sizeof payload; hex += 2)
      payload[length++] = (char)(g_ascii_xdigit_value(hex[0]) << 4 | g_ascii_xdigit_value(hex[1]));
  } else {
    const char *text = json_object_get_string_member_with_default(command, "data", "");
    length = MIN(strlen(text), sizeof payload);
    memcpy(payload, text, length);
  }
  guint component = (guint)json_object_get_int_member_with_default(command, "component", 1);
  if (nice_agent_send(agent, stream, component, (guint)length, payload) < 0)
    tell_error("libnice cannot send now");
}

// libnice keeps its sockets and candidates in a restart: only the credentials are new.
static void do_restart(void) {
  nice_agent_restart(agent);
  tell_local();
  GSList *candidates = nice_agent_get_local_candidates(agent, stream, 1);
  for (GSList *i = candidates; i != NULL; i = i->next)
    tell_candidate(i->data);
  g_slist_free_full(candidates, (GDestroyNotify)nice_candidate_free);
  tell(line_of("gathered"));
}

static void handle(JsonObject *command) {
  const char *kind = json_object_get_string_member_with_default(command, "cmd", "");
  if (g_str_equal(kind, "gather")) {
    if (!nice_agent_gather_candidates(agent, stream))
      tell_error("libnice cannot gather");
  } else if (g_str_equal(kind, "remote"))
    do_remote(command);
  else if (g_str_equal(kind, "candidate"))
    add_candidate(json_object_get_string_member(command, "candidate"));
  else if (g_str_equal(kind, "end"))
    nice_agent_peer_candidate_gathering_done(agent, stream);
  else if (g_str_equal(kind, "send"))
    do_send(command);
  else if (g_str_equal(kind, "restart"))
    do_restart();
  else if (g_str_equal(kind, "close"))
    g_main_loop_quit(loop);
  else
    tell_error("this program does not know the command");
}

static gboolean on_line(GIOChannel *input, GIOCondition condition, gpointer context) {
  char *line = NULL;
  if (g_io_channel_read_line(input, &line, NULL, NULL, NULL) != G_IO_STATUS_NORMAL) {
    g_main_loop_quit(loop);
    return FALSE;
  }
  JsonNode *node = json_from_string(line, NULL);
  if (node != NULL && JSON_NODE_HOLDS_OBJECT(node))
    handle(json_node_get_object(node));
  else
    tell_error("the line is no JSON object");
  g_clear_pointer(&node, json_node_unref);
  g_free(line);
  return TRUE;
}

// ---- configuration -------------------------------------------------------------------------------------------------------------------------

static NiceAgentOption options_of(JsonObject *config) {
  NiceAgentOption options = NICE_AGENT_OPTION_NONE;
  if (!g_str_equal(json_object_get_string_member_with_default(config, "nomination", "regular"), "aggressive"))
    options |= NICE_AGENT_OPTION_REGULAR_NOMINATION;
  if (json_object_get_boolean_member_with_default(config, "trickle", TRUE))
    options |= NICE_AGENT_OPTION_ICE_TRICKLE;
  if (json_object_get_boolean_member_with_default(config, "consent", TRUE))
    options |= NICE_AGENT_OPTION_CONSENT_FRESHNESS;
  if (json_object_get_boolean_member_with_default(config, "lite", FALSE))
    options |= NICE_AGENT_OPTION_LITE_MODE;
  return options;
}

static void use_stun(JsonObject *config) {
  if (!json_object_has_member(config, "stun"))
    return;
  JsonArray *servers = json_object_get_array_member(config, "stun");
  if (json_array_get_length(servers) == 0)
    return;
  char *host = g_strdup(json_array_get_string_element(servers, 0));
  char *port = strrchr(host, ':');
  *port++ = '\0';
  g_object_set(agent, "stun-server", host, "stun-server-port", atoi(port), NULL);
  g_free(host);
}

static void use_turn(JsonObject *config) {
  if (!json_object_has_member(config, "turn"))
    return;
  JsonArray *servers = json_object_get_array_member(config, "turn");
  for (guint i = 0; i < json_array_get_length(servers); i++) {
    JsonObject *server = json_array_get_object_element(servers, i);
    gboolean udp = g_str_equal(json_object_get_string_member_with_default(server, "transport", "udp"), "udp");
    for (guint component = 1; component <= components; component++)
      nice_agent_set_relay_info(agent, stream, component, json_object_get_string_member(server, "host"),
                                (guint)json_object_get_int_member(server, "port"), json_object_get_string_member(server, "user"),
                                json_object_get_string_member(server, "pass"), udp ? NICE_RELAY_TYPE_TURN_UDP : NICE_RELAY_TYPE_TURN_TCP);
  }
}

static void use_ipv4_only(void) {
  GList *addresses = nice_interfaces_get_local_ips(FALSE);
  for (GList *i = addresses; i != NULL; i = i->next) {
    NiceAddress address;
    nice_address_init(&address);
    if (nice_address_set_from_string(&address, i->data) && nice_address_ip_version(&address) == 4)
      nice_agent_add_local_address(agent, &address);
  }
  g_list_free_full(addresses, g_free);
}

int main(int argc, char **argv) {
  JsonNode *node = json_from_string(argc > 1 ? argv[1] : "{}", NULL);
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT(node)) {
    fprintf(stderr, "the configuration is no JSON object\n");
    return 2;
  }
  JsonObject *config = json_node_get_object(node);
  loop = g_main_loop_new(NULL, FALSE);
  GMainContext *context = g_main_loop_get_context(loop);
  agent = nice_agent_new_full(context, NICE_COMPATIBILITY_RFC5245, options_of(config));
  gboolean controlling = !g_str_equal(json_object_get_string_member_with_default(config, "role", "controlling"), "controlled");
  gboolean relay = g_str_equal(json_object_get_string_member_with_default(config, "policy", "all"), "relay");
  g_object_set(agent, "controlling-mode", controlling, "ice-tcp", FALSE, "upnp", FALSE, "force-relay", relay, NULL);
  use_stun(config);
  components = (guint)json_object_get_int_member_with_default(config, "components", 1);
  stream = nice_agent_add_stream(agent, components);
  nice_agent_set_stream_name(agent, stream, "application");
  use_turn(config);
  if (!json_object_get_boolean_member_with_default(config, "ipv6", TRUE))
    use_ipv4_only();
  for (guint component = 1; component <= components; component++)
    nice_agent_attach_recv(agent, stream, component, context, on_data, NULL);
  g_signal_connect(agent, "new-candidate-full", G_CALLBACK(on_candidate), NULL);
  g_signal_connect(agent, "candidate-gathering-done", G_CALLBACK(on_gathered), NULL);
  g_signal_connect(agent, "component-state-changed", G_CALLBACK(on_state), NULL);
  g_signal_connect(agent, "new-selected-pair-full", G_CALLBACK(on_pair), NULL);
  tell_local();
  GIOChannel *input = g_io_channel_unix_new(0);
  g_io_add_watch(input, G_IO_IN | G_IO_HUP, on_line, NULL);
  g_main_loop_run(loop);
  JsonObject *line = line_of("state");
  json_object_set_string_member(line, "state", "closed");
  tell(line);
  return 0;
}
