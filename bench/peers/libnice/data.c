// Datagrams between two connected agents of libnice, received on a thread's main loop each: a question is a line of JSON on the standard input,
// the answer a line of JSON.
// {"cmd":"oneway","size":160,"window":64,"windows":50} -> {"ns":[...]}: processor time of the process for each datagram sent and received
// {"cmd":"pingpong","size":160,"trips":200} -> {"us":[...]}: the time of each round trip
// Written for libnice 0.1.21 of Debian 12, with its defaults.
// gcc -O2 -Wall -o data data.c $(pkg-config --cflags --libs nice json-glib-1.0)

#include <json-glib/json-glib.h>
#include <nice/agent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define LIMIT_SECONDS 20

typedef struct {
  NiceAgent *agent;
  GMainContext *context;
  GMainLoop *loop;
  guint stream;
} Side;

static Side left, right;
static GMutex mutex;
static GCond changed;
static int gathered, ready, is_done;
static gboolean returns;
static int window, count, trips, trip;
static double *microseconds;
static double sent_at;
static char data[2048];
static guint size;

static void fail(const char *message) {
  printf("{\"error\":\"%s\"}\n", message);
  exit(1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

static double processor_time(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e9 + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e3;
}

static void add(int *value) {
  g_mutex_lock(&mutex);
  ++*value;
  g_cond_signal(&changed);
  g_mutex_unlock(&mutex);
}

static void wait_for(int *value, int wanted) {
  gint64 end = g_get_monotonic_time() + LIMIT_SECONDS * G_TIME_SPAN_SECOND;
  g_mutex_lock(&mutex);
  while (*value < wanted) {
    if (!g_cond_wait_until(&changed, &mutex, end))
      fail("nothing happened in time");
  }
  g_mutex_unlock(&mutex);
}

static void on_gathered(NiceAgent *agent, guint stream, gpointer context) {
  add(&gathered);
}

static void on_state(NiceAgent *agent, guint stream, guint component, guint state, gpointer context) {
  if (state == NICE_COMPONENT_STATE_READY)
    add(&ready);
}

static void send_from(Side *side, guint length, const char *bytes) {
  if (nice_agent_send(side->agent, side->stream, 1, length, bytes) != (gint)length)
    fail("libnice could not send");
}

static void on_right(NiceAgent *agent, guint stream, guint component, guint length, gchar *bytes, gpointer context) {
  if (returns)
    send_from(&right, length, bytes);
  else if (++count == window) {
    count = 0;
    add(&is_done);
  }
}

static void on_left(NiceAgent *agent, guint stream, guint component, guint length, gchar *bytes, gpointer context) {
  double time = now();
  microseconds[trip++] = time - sent_at;
  sent_at = time;
  if (trip < trips)
    send_from(&left, size, data);
  else
    add(&is_done);
}

static gpointer run(gpointer context) {
  Side *side = context;
  g_main_context_push_thread_default(side->context);
  g_main_loop_run(side->loop);
  return NULL;
}

static void open_side(Side *side, gboolean controlling, NiceAgentRecvFunc on_data) {
  side->context = g_main_context_new();
  side->loop = g_main_loop_new(side->context, FALSE);
  side->agent = nice_agent_new(side->context, NICE_COMPATIBILITY_RFC5245);
  g_object_set(side->agent, "controlling-mode", controlling, "upnp", FALSE, "ice-tcp", FALSE, NULL);
  NiceAddress loopback;
  nice_address_init(&loopback);
  nice_address_set_from_string(&loopback, "127.0.0.1");
  nice_agent_add_local_address(side->agent, &loopback);
  side->stream = nice_agent_add_stream(side->agent, 1);
  g_signal_connect(side->agent, "candidate-gathering-done", G_CALLBACK(on_gathered), side);
  g_signal_connect(side->agent, "component-state-changed", G_CALLBACK(on_state), side);
  nice_agent_attach_recv(side->agent, side->stream, 1, side->context, on_data, side);
  g_thread_new("side", run, side);
  nice_agent_gather_candidates(side->agent, side->stream);
}

static void introduce(Side *from, Side *to) {
  gchar *ufrag = NULL;
  gchar *pwd = NULL;
  nice_agent_get_local_credentials(from->agent, from->stream, &ufrag, &pwd);
  nice_agent_set_remote_credentials(to->agent, to->stream, ufrag, pwd);
  GSList *candidates = nice_agent_get_local_candidates(from->agent, from->stream, 1);
  nice_agent_set_remote_candidates(to->agent, to->stream, 1, candidates);
  g_slist_free_full(candidates, (GDestroyNotify)nice_candidate_free);
  g_free(ufrag);
  g_free(pwd);
}

static void play_one_way(int windows) {
  double before = processor_time();
  returns = FALSE;
  for (int i = 0; i < windows; i++) {
    is_done = 0;
    for (int j = 0; j < window; j++)
      send_from(&left, size, data);
    wait_for(&is_done, 1);
  }
  printf("{\"ns\":[%.1f]}\n", (processor_time() - before) / (windows * window));
}

static void play_round_trips(void) {
  returns = TRUE;
  is_done = 0;
  trip = 0;
  microseconds = g_new0(double, trips);
  sent_at = now();
  send_from(&left, size, data);
  wait_for(&is_done, 1);
  printf("{\"us\":[");
  for (int i = 0; i < trips; i++)
    printf("%s%.2f", i > 0 ? "," : "", microseconds[i]);
  printf("]}\n");
  g_free(microseconds);
}

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 1 << 16);
  memset(data, 0xA5, sizeof data);
  open_side(&left, TRUE, on_left);
  open_side(&right, FALSE, on_right);
  wait_for(&gathered, 2);
  introduce(&left, &right);
  introduce(&right, &left);
  wait_for(&ready, 2);
  static char line[4096];
  while (fgets(line, sizeof line, stdin) != NULL) {
    JsonNode *node = json_from_string(line, NULL);
    if (node == NULL || !JSON_NODE_HOLDS_OBJECT(node))
      fail("the line is no JSON object");
    JsonObject *question = json_node_get_object(node);
    size = (guint)json_object_get_int_member(question, "size");
    if (strcmp(json_object_get_string_member(question, "cmd"), "oneway") == 0) {
      window = (int)json_object_get_int_member(question, "window");
      play_one_way((int)json_object_get_int_member(question, "windows"));
    } else {
      trips = (int)json_object_get_int_member(question, "trips");
      play_round_trips();
    }
    json_node_unref(node);
  }
  return 0;
}
