// Two agents of libnice that connect with each other: a question is a line of JSON on the standard input, the answer a line of JSON.
// {"cmd":"pair","kind":"host|srflx|relay","serverA":"host:port","serverB":"host:port","user":"","password":""} -> {"a":[...],"b":[...]}
// {"cmd":"connect","toA":[...],"toB":[...]} -> {"usableA":ms,"usableB":ms,"selectedA":ms,"selectedB":ms}, from "both know the other's
// candidates": usable is the component's state CONNECTED, selected READY. Written for libnice 0.1.21 of Debian 12, with its defaults.
// gcc -O2 -Wall -o connect connect.c $(pkg-config --cflags --libs nice json-glib-1.0)

#include <json-glib/json-glib.h>
#include <nice/agent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIMIT_SECONDS 20

typedef struct {
  NiceAgent *agent;
  guint stream;
  gboolean gathered;
  gint64 usable_at;
  gint64 selected_at;
} Side;

static GMainContext *context;
static gboolean expired;

static void on_gathered(NiceAgent *agent, guint stream, gpointer data) {
  ((Side *)data)->gathered = TRUE;
}

static void on_state(NiceAgent *agent, guint stream, guint component, guint state, gpointer data) {
  Side *side = data;
  if (state >= NICE_COMPONENT_STATE_CONNECTED && state <= NICE_COMPONENT_STATE_READY && side->usable_at == 0)
    side->usable_at = g_get_monotonic_time();
  if (state == NICE_COMPONENT_STATE_READY && side->selected_at == 0)
    side->selected_at = g_get_monotonic_time();
}

static void on_data(NiceAgent *agent, guint stream, guint component, guint length, gchar *bytes, gpointer data) {
}

static gboolean on_expired(gpointer data) {
  expired = TRUE;
  return G_SOURCE_REMOVE;
}

// Runs the loop until both conditions hold; FALSE when that takes too long.
static gboolean run_until(gboolean (*done)(Side *), Side *a, Side *b) {
  expired = FALSE;
  GSource *limit = g_timeout_source_new_seconds(LIMIT_SECONDS);
  g_source_set_callback(limit, on_expired, NULL, NULL);
  g_source_attach(limit, context);
  while (!expired && !(done(a) && done(b)))
    g_main_context_iteration(context, TRUE);
  g_source_destroy(limit);
  g_source_unref(limit);
  return !expired;
}

static gboolean is_gathered(Side *side) {
  return side->gathered;
}

static gboolean is_selected(Side *side) {
  return side->selected_at != 0;
}

static void close_side(Side *side) {
  if (side->agent == NULL)
    return;
  nice_agent_remove_stream(side->agent, side->stream);
  g_object_unref(side->agent);
  memset(side, 0, sizeof *side);
}

static void open_side(Side *side, JsonObject *question, const char *server_name, gboolean controlling) {
  close_side(side);
  const char *kind = json_object_get_string_member(question, "kind");
  NiceAgent *agent = side->agent = nice_agent_new(context, NICE_COMPATIBILITY_RFC5245);
  g_object_set(agent, "controlling-mode", controlling, "upnp", FALSE, "ice-tcp", FALSE, NULL);
  NiceAddress loopback;
  nice_address_init(&loopback);
  nice_address_set_from_string(&loopback, "127.0.0.1");
  nice_agent_add_local_address(agent, &loopback);
  side->stream = nice_agent_add_stream(agent, 1);
  if (strcmp(kind, "host") != 0) {
    char *host = g_strdup(json_object_get_string_member(question, server_name));
    char *colon = strrchr(host, ':');
    *colon = '\0';
    guint port = atoi(colon + 1);
    if (strcmp(kind, "srflx") == 0) {
      g_object_set(agent, "stun-server", host, "stun-server-port", port, NULL);
    } else {
      g_object_set(agent, "force-relay", TRUE, NULL);
      nice_agent_set_relay_info(agent, side->stream, 1, host, port, json_object_get_string_member(question, "user"),
                                json_object_get_string_member(question, "password"), NICE_RELAY_TYPE_TURN_UDP);
    }
    g_free(host);
  }
  g_signal_connect(agent, "candidate-gathering-done", G_CALLBACK(on_gathered), side);
  g_signal_connect(agent, "component-state-changed", G_CALLBACK(on_state), side);
  nice_agent_attach_recv(agent, side->stream, 1, context, on_data, side);
  nice_agent_gather_candidates(agent, side->stream);
}

static JsonArray *candidates_of(Side *side, const char *kind) {
  JsonArray *texts = json_array_new();
  char *wanted = g_strconcat(" typ ", kind, NULL);
  GSList *candidates = nice_agent_get_local_candidates(side->agent, side->stream, 1);
  for (GSList *item = candidates; item != NULL; item = item->next) {
    char *sdp = nice_agent_generate_local_candidate_sdp(side->agent, item->data);
    if (strstr(sdp, wanted) != NULL)
      json_array_add_string_element(texts, g_str_has_prefix(sdp, "a=") ? sdp + 2 : sdp);
    g_free(sdp);
  }
  g_slist_free_full(candidates, (GDestroyNotify)nice_candidate_free);
  g_free(wanted);
  return texts;
}

static void set_credentials(Side *side, Side *other) {
  gchar *ufrag = NULL;
  gchar *pwd = NULL;
  nice_agent_get_local_credentials(other->agent, other->stream, &ufrag, &pwd);
  nice_agent_set_remote_credentials(side->agent, side->stream, ufrag, pwd);
  g_free(ufrag);
  g_free(pwd);
}

static GSList *parse(Side *side, JsonArray *texts) {
  GSList *list = NULL;
  for (guint i = 0; i < json_array_get_length(texts); i++) {
    char *attribute = g_strconcat("a=", json_array_get_string_element(texts, i), NULL);
    NiceCandidate *candidate = nice_agent_parse_remote_candidate_sdp(side->agent, side->stream, attribute);
    if (candidate != NULL)
      list = g_slist_append(list, candidate);
    g_free(attribute);
  }
  return list;
}

static JsonObject *error_of(const char *message) {
  JsonObject *line = json_object_new();
  json_object_set_string_member(line, "error", message);
  return line;
}

static JsonObject *do_pair(JsonObject *question, Side *a, Side *b) {
  const char *kind = json_object_get_string_member(question, "kind");
  open_side(a, question, "serverA", TRUE);
  open_side(b, question, "serverB", FALSE);
  if (!run_until(is_gathered, a, b))
    return error_of("gathering took too long");
  JsonObject *line = json_object_new();
  json_object_set_array_member(line, "a", candidates_of(a, kind));
  json_object_set_array_member(line, "b", candidates_of(b, kind));
  return line;
}

static JsonObject *do_connect(JsonObject *question, Side *a, Side *b) {
  GSList *to_a = parse(a, json_object_get_array_member(question, "toA"));
  GSList *to_b = parse(b, json_object_get_array_member(question, "toB"));
  gint64 start = g_get_monotonic_time();
  set_credentials(a, b);
  set_credentials(b, a);
  nice_agent_set_remote_candidates(a->agent, a->stream, 1, to_a);
  nice_agent_set_remote_candidates(b->agent, b->stream, 1, to_b);
  gboolean connected = run_until(is_selected, a, b);
  g_slist_free_full(to_a, (GDestroyNotify)nice_candidate_free);
  g_slist_free_full(to_b, (GDestroyNotify)nice_candidate_free);
  if (!connected)
    return error_of("not READY in time");
  JsonObject *line = json_object_new();
  json_object_set_double_member(line, "usableA", (a->usable_at - start) / 1000.0);
  json_object_set_double_member(line, "usableB", (b->usable_at - start) / 1000.0);
  json_object_set_double_member(line, "selectedA", (a->selected_at - start) / 1000.0);
  json_object_set_double_member(line, "selectedB", (b->selected_at - start) / 1000.0);
  close_side(a);
  close_side(b);
  return line;
}

static void answer(JsonObject *line) {
  JsonNode *node = json_node_init_object(json_node_alloc(), line);
  char *text = json_to_string(node, FALSE);
  puts(text);
  fflush(stdout);
  g_free(text);
  json_node_unref(node);
  json_object_unref(line);
}

int main(void) {
  static Side a;
  static Side b;
  static char input[1 << 16];
  context = g_main_context_new();
  while (fgets(input, sizeof input, stdin) != NULL) {
    JsonParser *parser = json_parser_new();
    if (!json_parser_load_from_data(parser, input, -1, NULL)) {
      answer(error_of("that is no JSON"));
    } else {
      JsonObject *question = json_node_get_object(json_parser_get_root(parser));
      gboolean pair = strcmp(json_object_get_string_member(question, "cmd"), "pair") == 0;
      answer(pair ? do_pair(question, &a, &b) : do_connect(question, &a, &b));
    }
    g_object_unref(parser);
  }
  close_side(&a);
  close_side(&b);
  return 0;
}
