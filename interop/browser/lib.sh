# What the scripts that need a browser share; sourced, with $root and $script set.

fail() { echo "$script: $*" >&2; exit 2; }

# need COMMAND PACKAGE: installs what is missing, where that is possible.
need() {
  command -v "$1" > /dev/null && return
  command -v apt-get > /dev/null || fail "$1 is not installed, and there is no apt-get to install it with: install it first"
  [ "$(id -u)" = 0 ] || fail "$1 is not installed: run 'apt-get install $2' as root"
  echo "installing $2" >&2
  { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$2"; } > /dev/null || fail "apt-get could not install $2"
  command -v "$1" > /dev/null || fail "apt-get installed $2, but $1 is not found"
}

# Prints the path of Chromium: CHROMIUM=/path names another build of it.
find_chromium() {
  local name
  for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
    if [ -n "$name" ] && command -v "$name"; then return; fi
  done
  return 1
}

build() {
  local log
  if ! log=$(dotnet build "$root/$1" --nologo -v quiet 2>&1); then
    echo "$log" >&2
    fail "the build failed"
  fi
}

# run_isolated COMMAND...: in place of the script, in a network namespace of its own where the system lets it: loopback, and one interface with
# an IPv4 and an IPv6 address that is the default route to nowhere (without one Chromium gathers no host candidates).
# The namespace has no name: it goes away with the last process in it, however that ends.
run_isolated() {
  local isolate=() try enter='
    set -e
    ip link set lo up
    ip link add browser0 type dummy 2> /dev/null || ip link add browser0 type veth peer name browser1
    if [ -e /sys/class/net/browser1 ] || ip link show browser1 > /dev/null 2>&1; then ip link set browser1 up; fi
    ip link set browser0 up multicast on
    ip addr add 198.51.100.2/24 dev browser0
    ip addr add 2001:db8:b::2/64 dev browser0 nodad 2> /dev/null || true
    ip route add default via 198.51.100.1 dev browser0
    ip -6 route add default via 2001:db8:b::1 dev browser0 2> /dev/null || true
  '
  if command -v ip > /dev/null && command -v unshare > /dev/null; then
    if [ "$(id -u)" = 0 ]; then try=(unshare --net); else try=(unshare --user --map-root-user --net); fi
    if "${try[@]}" bash -c "$enter" 2> /dev/null; then isolate=("${try[@]}"); fi
  fi
  if [ ${#isolate[@]} -gt 0 ]; then
    exec "${isolate[@]}" bash -c "$enter"'exec "$@"' run "$@"
  fi
  [ -n "$(ip route show default 2> /dev/null || true)" ] || echo "$script: no network namespace can be made and no default route is seen: Chromium may gather no host candidates" >&2
  exec "$@"
}
