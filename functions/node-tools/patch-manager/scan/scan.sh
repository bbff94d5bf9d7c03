#!/bin/sh
# What AWS-RunPatchBaseline runs on a Linux node (docs/patch-manager.md).
#
# It reads facts and judges nothing: which packages are installed and which versions the node's own
# repositories offer. The server judges them against the node's baseline. It needs no root and changes
# nothing of the system's: lists that are missing or old are fetched into a folder of its own.
#
# Exit status: 0 scanned, 1 failed or refused, 3 package repositories could not be reached.
#
# The document sets FLOTILLA_OPERATION and the other parameters. A test, or a node with an unusual layout, may set
# FLOTILLA_APT_OPTIONS (options for every apt command), FLOTILLA_DPKG_ADMINDIR, FLOTILLA_OS_RELEASE,
# FLOTILLA_SCAN_FOLDER (lists of our own) and FLOTILLA_FRESH_MINUTES (how old lists may be).
set -u
LC_ALL=C
export LC_ALL
umask 077

operation=${FLOTILLA_OPERATION:-Scan}
os_release=${FLOTILLA_OS_RELEASE:-/etc/os-release}
# Word splitting is wanted: these are command-line options.
apt_options=${FLOTILLA_APT_OPTIONS:-}
# Lists that were read from their repositories less than this many minutes ago are used as they are.
fresh_minutes=${FLOTILLA_FRESH_MINUTES:-360}

fail() {
  status=$1
  shift
  printf '%s\n' "$*" >&2
  exit "$status"
}

# One value of os-release, without its quotes.
os() {
  sed -n "s/^$1=//p" "$os_release" 2>/dev/null | head -n 1 | sed 's/^"\(.*\)"$/\1/; s/^'"'"'\(.*\)'"'"'$/\1/'
}

# block NAME TOOL FILE: the file, compressed, in lines, between markers, with what proves it whole.
block() {
  printf '%s\n' '-----BEGIN FLOTILLA PATCH SCAN-----'
  printf 'Format: 1\nSection: %s\nTool: %s\nBytes: %s\nSHA256: %s\n\n' "$1" "$2" "$(wc -c <"$3" | tr -d ' ')" "$(sha256sum <"$3" | cut -d ' ' -f 1)"
  gzip -9nc <"$3" | base64
  printf '%s\n' '-----END FLOTILLA PATCH SCAN-----'
}

# --- apt: Debian, Ubuntu, Raspbian ------------------------------------------------------------------------------

apt_get() {
  # shellcheck disable=SC2086
  apt-get $apt_options -c "$work/apt.conf" "$@"
}

apt_cache() {
  # shellcheck disable=SC2086
  apt-cache $apt_options -c "$work/apt.conf" "$@"
}

# What every apt command gets: a cache of our own (apt builds it at the first command that needs it), nothing
# of the system's hooks, and no more of a repository than its packages.
apt_settings() {
  mkdir -p "$work/cache/archives/partial"
  cat >"$work/apt.conf" <<END
Dir::Cache "$work/cache/";
Dir::Cache::pkgcache "pkgcache.bin";
Dir::Cache::srcpkgcache "";
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear APT::Update::Post-Invoke-Stats;
Acquire::Languages "none";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
Acquire::Retries "1";
Acquire::IndexTargets::deb-src::Sources::DefaultEnabled "false";
END
}

# Whether the lists in folder $1 are all there, and fresh. A list that is missing would hide its updates.
apt_lists_usable() {
  apt_get update --print-uris 2>/dev/null | sed -n "s/^'[^']*InRelease' \([^ ]*\) .*/\1/p" >"$work/releases"
  [ -s "$work/releases" ] || return 1
  while read -r inrelease; do
    found=
    # The last is what a flat repository has that has no Release file; apt may keep it compressed.
    for list in "$1/$inrelease" "$1/${inrelease%InRelease}Release" "$1/${inrelease%InRelease}Packages"*; do
      # apt keeps the repository's time as the file's modification time; its own reading is the change time.
      [ -n "$(find "$list" -maxdepth 0 -cmin "-$fresh_minutes" 2>/dev/null)" ] && found=yes
    done
    [ -n "$found" ] || return 1
  done <"$work/releases"
}

# Lists of our own, kept so that the next scan fetches only what has changed.
apt_private_lists() {
  private=${FLOTILLA_SCAN_FOLDER:-${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/flotilla/patch-scan}
  if ! mkdir -p "$private" 2>/dev/null || [ ! -O "$private" ] || [ ! -w "$private" ]; then private=$work/apt; fi
  mkdir -p "$private/lists/partial" || fail 1 "Cannot write to $private."
  cat >>"$work/apt.conf" <<END
Dir::State::Lists "$private/lists/";
END
  # Two scans at once: the second waits until the first has read its lists, and then finds them fresh.
  exec 9>"$private/lock"
  flock -w 300 9 2>/dev/null
  apt_lists_usable "$private/lists" && return
  apt_get update -q >"$work/update" 2>&1
  updated=$?
  apt_not_fetched <"$work/update" >"$work/not-fetched"
  # Before apt 2.1.15 a repository that failed left the status at 0.
  if [ "$updated" -ne 0 ] || [ -s "$work/not-fetched" ] || grep -q -e '^W: Failed to fetch' -e '^E: ' "$work/update"; then
    grep -e '^W: ' -e '^E: ' "$work/update" >&2
    apt_explain_failure
  fi
}

# Repositories that an update, read from standard input, did not get. apt says Err too of a compression that is not
# there, and then takes another: a later Get or Hit of the same number.
apt_not_fetched() {
  awk '
    /^Err:/ { id = $1; sub(/^Err:/, "", id); sub(/^Err:[0-9]+ /, ""); sub(/ [^ ]*$/, ""); failed[id] = $0 }
    /^(Get|Hit):/ { id = $1; sub(/^[A-Za-z]+:/, "", id); delete failed[id] }
    END { for (id in failed) print failed[id] }
  ' | sort -u
}

# Ends the scan. Trying again helps where a repository could not be reached, and nowhere else.
apt_explain_failure() {
  cdroms=$(grep '^cdrom:' "$work/not-fetched" | apt_joined)
  others=$(grep -v '^cdrom:' "$work/not-fetched" | apt_joined)
  [ -z "$cdroms" ] ||
    printf '%s\n' "A CD-ROM is no repository that a scan can read: $cdroms. Remove its line from the sources of apt." >&2
  if grep -q -e 'GPG error' -e 'is not signed' -e 'is not valid yet' -e 'is expired' "$work/update"; then
    fail 1 'The lists of the package repositories could not be read: nothing was judged.'
  fi
  [ -z "$others" ] || fail 3 "Package repositories could not be reached: $others; nothing was judged."
  [ -z "$cdroms" ] || fail 1 'The lists of the package repositories could not be read: nothing was judged.'
  if grep -q 'Failed to fetch' "$work/update"; then
    fail 3 'The package repositories named above could not be reached: nothing was judged.'
  fi
  fail 1 'The lists of the package repositories could not be read: nothing was judged.'
}

# Lines as one, with commas between them.
apt_joined() {
  paste -s -d ';' - | sed 's/;/, /g'
}

scan_apt() {
  admindir=${FLOTILLA_DPKG_ADMINDIR:-}
  lists=system
  apt_settings
  # shellcheck disable=SC2086
  eval "$(apt-config $apt_options shell system_lists Dir::State::lists/d native APT::Architecture)"
  if ! apt_lists_usable "${system_lists%/}"; then
    lists=private
    apt_private_lists
  fi

  # db-fsys:Last-Modified (dpkg 1.19.3) is when the package was installed or last replaced.
  dpkg-query ${admindir:+--admindir="$admindir"} -W \
    -f '${db:Status-Want}\t${db:Status-Status}\t${Package}\t${Architecture}\t${Version}\t${source:Package}\t${Priority}\t${Section}\t${db-fsys:Last-Modified}\n' \
    >"$work/installed" || fail 1 'dpkg-query failed: nothing was judged.'
  [ -s "$work/installed" ] || fail 1 'dpkg-query names no package: nothing was judged.'
  apt_cache policy >"$work/repositories" || fail 1 'apt-cache policy failed: nothing was judged.'
  cut -f 3,4 "$work/installed" | tr '\t' ':' | sort -u >"$work/names"
  # A package that no list knows is a note on stderr, and of no interest.
  xargs apt-cache $apt_options -c "$work/apt.conf" policy <"$work/names" >"$work/versions" 2>"$work/notes" ||
    { cat "$work/notes" >&2; fail 1 'apt-cache policy failed: nothing was judged.'; }
  mkfifo "$work/records.fifo" || fail 1 "Cannot make a pipe in $work."
  # What policy does not say of a version: its priority and section, from the lists themselves.
  cut -d : -f 1 "$work/names" | sort -u >"$work/packages"
  apt_get indextargets --format '$(FILENAME)' 'Created-By: Packages' >"$work/lists" && [ -s "$work/lists" ] ||
    fail 1 'No package list was found: nothing was judged.'
  while read -r list; do
    /usr/lib/apt/apt-helper cat-file "$list" || fail 1 "Cannot read $list: nothing was judged."
    echo
  done <"$work/lists" >"$work/records.fifo" &
  awk '
    function flush() {
      if (name in wanted) print name "\t" architecture "\t" version "\t" priority "\t" section
      name = architecture = version = priority = section = ""
    }
    FILENAME != "-" { wanted[$1] = 1; next }
    /^Package: / { name = $2 }
    /^Architecture: / { architecture = $2 }
    /^Version: / { version = $2 }
    /^Priority: / { priority = $2 }
    /^Section: / { section = $2 }
    /^$/ { flush() }
  ' "$work/packages" - <"$work/records.fifo" | sort -u >"$work/records"
  wait $! || fail 1 'The package lists could not be read: nothing was judged.'

  apt_version=$(apt-get --version | head -n 1 | cut -d ' ' -f 2)
  dpkg_version=$(dpkg-query --version | sed -n '1s/.*version \([^ ]*\).*/\1/p')
  printf '%s\n' \
    "operation=$operation" "snapshot-id=${FLOTILLA_SNAPSHOT_ID:-}" "reboot-option=${FLOTILLA_REBOOT_OPTION:-}" \
    "install-override-list=${FLOTILLA_INSTALL_OVERRIDE_LIST:-}" "started=$started" "ended=$(date +%s)" \
    "package-manager=apt" "os-id=$(os ID)" "os-id-like=$(os ID_LIKE)" "os-version=$(os VERSION_ID)" "os-codename=$(os VERSION_CODENAME)" "os-name=$(os PRETTY_NAME)" \
    "architecture=$native" "lists=$lists" "sections=installed repositories versions records" >"$work/scan"

  echo "$(grep -c '' "$work/installed") packages known to dpkg $dpkg_version; $(grep -c '' "$work/lists") package lists read ($lists) by apt $apt_version."
  block installed "dpkg-query $dpkg_version" "$work/installed"
  block repositories "apt-cache $apt_version" "$work/repositories"
  block versions "apt-cache $apt_version" "$work/versions"
  block records "apt-helper $apt_version" "$work/records"
  block scan "scan.sh" "$work/scan"
}

# --- which package manager --------------------------------------------------------------------------------------

case $operation in
  Scan) ;;
  Install) fail 1 'Operation Install is not available yet: this version of Flotilla scans. Nothing was changed.' ;;
  *) fail 1 "Operation $operation is not known: Scan or Install." ;;
esac

[ -z "${FLOTILLA_BASELINE_OVERRIDE:-}" ] || fail 1 'BaselineOverride is not available yet: nothing was judged.'

started=$(date +%s)
work=$(mktemp -d "${TMPDIR:-/tmp}/flotilla-patch-scan.XXXXXX") || fail 1 'Cannot make a temporary folder.'
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
  scan_apt
else
  for manager in dnf yum zypper; do
    command -v "$manager" >/dev/null && fail 1 "Patch scans by $manager are not available yet: this version of Flotilla scans by apt."
  done
  fail 1 'No package manager known to Flotilla was found on this node.'
fi
